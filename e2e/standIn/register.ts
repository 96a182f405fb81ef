import { registerHooks } from 'node:module'

/** `node --import e2e/standIn/register.ts out/main/index.js`: whoever asks for electron gets the stand-in. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'electron') return nextResolve(specifier, context)
    return { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true }
  },
})
