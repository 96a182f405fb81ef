import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Check } from './finding.ts'

/** Looks at files only: asking the electron package itself would start its download. */
export const checkElectron: Check = async ({ applicationFolder }) => {
  // What npm installs is the command and the browser host.
  if (basename(dirname(applicationFolder)) === 'node_modules') {
    return { name: 'Electron', state: 'ok', message: 'not part of the npm package: the room opens in a browser', advice: null }
  }
  const folder = join(applicationFolder, 'node_modules', 'electron')
  if (!existsSync(join(folder, 'package.json'))) {
    return { name: 'Electron', state: 'warning', message: 'not installed: no desktop window', advice: 'The browser host works without it; for the window, run npm install.' }
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const binary = binaryIn(folder)
  if (binary !== null) return { name: 'Electron', state: 'ok', message: `version ${version} at ${binary}`, advice: null }
  return {
    name: 'Electron',
    state: 'warning',
    message: `version ${version} without its runtime: no desktop window`,
    advice: 'The browser host works without it; for the window, run "npm run desktop-runtime" where the network allows it.',
  }
}

function binaryIn(folder: string): string | null {
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : null
}
