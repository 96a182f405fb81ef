import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'

const root = join(import.meta.dirname, '..', '..')
const PACK_MS = 180_000
const ENGLISH = 1033
const UNICODE = 1200

export type System = 'linux' | 'mac' | 'win'

/** As @electron/fuses finds them in a program: its mark, the version, how many there are, and a character for each; these are Electron's own. */
const FUSES = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 9]), Buffer.from('101100011')])

/** What electron-builder looks for in a folder with Electron, without Electron: enough to see what a package holds, nothing to run. */
export function makeFakeElectron(folder: string, system: System): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
  write(join(folder, 'version'), devDependencies.electron ?? '')
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) write(join(folder, name), '')
  mkdirSync(join(folder, 'resources'))
  if (system === 'linux') write(join(folder, 'electron'), Buffer.concat([Buffer.from('\x7fELF', 'latin1'), FUSES]))
  else if (system === 'win') write(join(folder, 'electron.exe'), Buffer.concat([emptyProgram(), FUSES]))
  else writeBundle(join(folder, 'Electron.app', 'Contents'))
  return folder
}

/** Packs this room around it. Gives the folder of what would be installed. */
export async function packAround(home: string, system: System): Promise<string> {
  const electron = makeFakeElectron(join(home, 'electron'), system)
  const command = [join(root, 'node_modules/electron-builder/cli.js'), '--publish', 'never', `--${system}`, 'dir', `-c.electronDist=${electron}`, `-c.directories.output=${home}/dist`]
  await promisify(execFile)(process.execPath, command, { cwd: root, timeout: PACK_MS })
  const [name = ''] = readdirSync(join(home, 'dist')).filter((entry) => entry.startsWith(system))
  return join(home, 'dist', name)
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content, { mode: 0o755 })
}

/** Of Windows: a program with nothing in it but whose it is. */
function emptyProgram(): Buffer {
  const program = NtExecutable.createEmpty(false, false)
  const resources = NtExecutableResource.from(program)
  const version = Resource.VersionInfo.createEmpty()
  version.setFileVersion(1, 0, 0, 0, ENGLISH)
  version.setStringValues({ lang: ENGLISH, codepage: UNICODE }, { FileDescription: 'Electron' })
  version.outputToResourceEntries(resources.entries)
  resources.outputResource(program)
  return Buffer.from(program.generate())
}

function writeBundle(contents: string): void {
  const plist = (name: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${name}</string><key>CFBundleName</key><string>${name}</string></dict></plist>\n`
  write(join(contents, 'Info.plist'), plist('Electron'))
  write(join(contents, 'MacOS', 'Electron'), '')
  write(join(contents, 'Resources', 'electron.icns'), '')
  const frameworks = join(contents, 'Frameworks')
  write(join(frameworks, 'Electron Framework.framework', 'Electron Framework'), FUSES)
  mkdirSync(join(frameworks, 'Electron Framework.framework', 'Resources'))
  for (const helper of ['Electron Helper', 'Electron Helper (Renderer)', 'Electron Helper (GPU)', 'Electron Helper (Plugin)']) {
    write(join(frameworks, `${helper}.app`, 'Contents', 'Info.plist'), plist(helper))
    write(join(frameworks, `${helper}.app`, 'Contents', 'MacOS', helper), '')
  }
}
