import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A file of ours that a thread or another process starts from. In the source it stands beside the file that asks; in the bundle beside the
 * entries, of which that file may be a chunk below, and it has to be one of the inputs of electron.vite.config.ts.
 */
export function ownProgram(name: string, here: string): string {
  const folder = dirname(here)
  if (here.endsWith('.ts')) return join(folder, `${name}.ts`)
  const found = [folder, dirname(folder)].map((one) => join(one, `${name}.js`)).find((file) => existsSync(file))
  if (!found) throw new Error(`${name}.js is missing beside ${here}: the installation is incomplete.`)
  // Neither can be counted upon to read from within an archive; what was unpacked beside it can be read by anybody.
  const unpacked = found.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked')
  return existsSync(unpacked) ? unpacked : found
}
