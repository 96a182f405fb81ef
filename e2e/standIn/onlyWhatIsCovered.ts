/** Answers for what the stand-in covers and throws for everything else: a silent `undefined` would let the window's code drift away. */
export function onlyWhatIsCovered<T extends object>(name: string, covered: T): T {
  return new Proxy(covered, {
    get(target, member, receiver) {
      if (typeof member === 'symbol' || member === 'then' || member in target) return Reflect.get(target, member, receiver) as unknown
      throw new Error(`The stand-in for electron does not cover ${name}.${member}: add it in e2e/standIn, after Electron's documentation.`)
    },
  })
}
