import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** As @electron/fuses finds them in a program: its mark, the version, how many there are, and a character for each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

/** What electron-builder looks for in a folder with Electron for Linux, without Electron: enough to see what a package holds, nothing to run. */
export function makeFakeElectron(folder: string, version: string, fuses = '101100011'): string {
  mkdirSync(join(folder, 'resources'), { recursive: true })
  const program = Buffer.concat([Buffer.from(`\x7fELF${FUSE_MARK}`, 'latin1'), Buffer.from([1, fuses.length]), Buffer.from(fuses)])
  writeFileSync(join(folder, 'electron'), program, { mode: 0o755 })
  writeFileSync(join(folder, 'version'), version)
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(folder, name), '')
  return folder
}
