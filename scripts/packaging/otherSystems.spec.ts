import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packAround } from './fakeElectron.ts'
import { requireFuses } from './fuses.ts'
import { ICON_FOLDER, writeIcons } from './icons.ts'

const root = join(import.meta.dirname, '..', '..')
const PACK_MS = 200_000
const isBuilt = existsSync(join(root, 'out', 'main', 'index.js'))
// Apple's own programs want to sign what they get; and a Mac or a Windows machine makes the real ones.
const reason = process.platform !== 'linux' ? 'made on Linux here' : isBuilt ? '' : 'npm run build has not been run'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'iron-cage-others-'))
  writeIcons(join(root, ICON_FOLDER))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Native parts are this machine's here; what is looked at is how the system learns of the application. */
describe.skipIf(reason !== '')(`the package for another system${reason && ` (skipped: ${reason})`}`, () => {
  it('tells macOS of its links, of scripts it may open, of its archive and its icon', { timeout: PACK_MS }, async () => {
    const bundle = join(await packAround(home, 'mac'), 'Iron Cage Control Room.app')
    const contents = join(bundle, 'Contents')
    const said = readFileSync(join(contents, 'Info.plist'), 'utf8').replace(/>\s+</g, '><')
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(said).toContain('<key>CFBundleIdentifier</key><string>ironcage.control-room</string>')
    expect(said).toContain(`<key>CFBundleShortVersionString</key><string>${version}</string>`)
    expect(said).toContain('<key>CFBundleURLSchemes</key><array><string>iron-cage</string></array>')
    expect(said).toContain('<key>CFBundleTypeExtensions</key><array><string>py</string></array>')
    expect(said).toContain('<key>LSHandlerRank</key><string>Alternate</string>')
    expect(said).toMatch(/<key>ElectronAsarIntegrity<\/key><dict><key>Resources\/app\.asar<\/key><dict><key>algorithm<\/key><string>SHA256<\/string><key>hash<\/key><string>[0-9a-f]{64}</)
    expect(readFileSync(join(contents, 'Resources', 'icon.icns'))).toEqual(readFileSync(join(root, ICON_FOLDER, 'icon.icns')))
    expect(existsSync(join(contents, 'Resources', 'python', 'bootstrap', 'sitecustomize.py'))).toBe(true)
    await requireFuses(bundle)
  })

  it('tells Windows whose program it is, and of its archive', { timeout: PACK_MS }, async () => {
    const folder = await packAround(home, 'win')
    const program = join(folder, 'Iron Cage Control Room.exe')
    await requireFuses(program)
    const { entries } = NtExecutableResource.from(NtExecutable.from(readFileSync(program)))
    const [version] = Resource.VersionInfo.fromEntries(entries)
    const language = version?.getAllLanguagesForStringValues()[0]
    expect(language && version?.getStringValues(language)).toMatchObject({ ProductName: 'Iron Cage Control Room', FileDescription: 'Iron Cage Control Room' })
    expect(Resource.IconGroupEntry.fromEntries(entries).map(({ icons }) => icons.length)).toEqual([7])
    const integrity = entries.find(({ type }) => type === 'INTEGRITY')
    expect(JSON.parse(Buffer.from(integrity?.bin ?? new ArrayBuffer(0)).toString())).toEqual([{ file: 'resources\\app.asar', alg: 'SHA256', value: expect.stringMatching(/^[0-9a-f]{64}$/) as string }])
    expect(existsSync(join(folder, 'resources', 'demo', 'lead_gen_agent.py'))).toBe(true)
  })
})
