import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import AppImageTarget from 'app-builder-lib/out/targets/appimage/AppImageTarget.js'
import { LinuxTargetHelper } from 'app-builder-lib/out/targets/LinuxTargetHelper.js'
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js'
import { DebugLogger } from 'builder-util'
import { describe, expect, it, vi } from 'vitest'
import configuration from '../../electron-builder.ts'
import setFuses from './fuses.ts'

const root = join(import.meta.dirname, '..', '..')
const schema = (given: object): Promise<unknown> => validateConfiguration(given as typeof configuration, new DebugLogger(false))

describe('how packages are made', () => {
  it('is what electron-builder takes; a slip of the finger it would not', async () => {
    await expect(schema(configuration)).resolves.toBeUndefined()
    await expect(schema({ ...configuration, deb: { recommend: ['python3'] } })).rejects.toThrow('configuration.deb')
  })

  it('is for the four kinds of packages, with every fuse set', () => {
    expect([configuration.linux?.target, configuration.mac?.target, configuration.win?.target]).toEqual([['AppImage', 'deb'], ['dmg'], ['nsis']])
    expect(configuration.afterPack).toBe(setFuses)
  })

  it('takes links of ours, and scripts from nobody who opens them now', () => {
    expect(configuration.protocols).toEqual([expect.objectContaining({ schemes: ['iron-cage'] })])
    expect(configuration.mac?.fileAssociations).toEqual([expect.objectContaining({ ext: 'py', rank: 'Alternate' })])
    // On Linux and Windows it would become what opens them, or redefine what they are.
    expect([configuration.fileAssociations, configuration.linux?.fileAssociations, configuration.win?.fileAssociations]).toEqual([undefined, undefined, undefined])
    const installer = readFileSync(join(root, 'packaging/installer.nsh'), 'utf8')
    expect(installer).toContain('OpenWithProgids')
    expect(installer).not.toMatch(/WriteRegStr \S+ "Software\\Classes\\\.py" /)
  })

  it('has an entry on a Linux desktop that knows its window, its links and the scripts that it can open', async () => {
    const metadata = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string; productName: string; description: string }
    const appInfo = { productName: metadata.productName, sanitizedProductName: metadata.productName, description: metadata.description }
    const packager = { appInfo, info: { metadata }, executableName: metadata.name, config: configuration, fileAssociations: [], platformSpecificBuildOptions: configuration.linux }
    const entry = await new LinuxTargetHelper(packager as never).computeDesktopEntry(configuration.linux ?? {})
    expect(entry.trim().split('\n')).toEqual([
      '[Desktop Entry]',
      'Name=Iron Cage Control Room',
      'Exec="/opt/Iron Cage Control Room/iron-cage-control-room" %U',
      'Terminal=false',
      'Type=Application',
      'Icon=iron-cage-control-room',
      'StartupWMClass=iron-cage-control-room',
      `Comment=${metadata.description}`,
      'MimeType=text/x-python;x-scheme-handler/iron-cage;',
      'Categories=Development;',
    ])
  })

  it('has an AppImage whose entry leaves Chromium’s sandbox on', async () => {
    const given: string[] = []
    const helper = { computeDesktopEntry: (_options: unknown, exec: string) => Promise.resolve(given.push(exec)) }
    const packager = { config: configuration, platformSpecificBuildOptions: configuration.linux, appInfo: { buildVersion: '1.2.3' } }
    await (new AppImageTarget('', packager as never, helper as never, '') as unknown as { desktopEntry: { value: Promise<unknown> } }).desktopEntry.value
    expect(given).toEqual(['AppRun %U'])
  })

  it('says its name, version and description in package.json alone', () => {
    const { productName, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { productName: string; version: string }
    const said = readFileSync(join(root, 'electron-builder.ts'), 'utf8')
    expect([said.includes(productName), said.includes(version)]).toEqual([false, false])
  })

  it('knows a place for new versions only where one is named', async () => {
    expect(configuration.publish).toBeNull()
    vi.resetModules()
    vi.stubEnv('IRON_CAGE_UPDATE_FEED', 'https://updates.example.com/room')
    const { default: withFeed } = (await import('../../electron-builder.ts')) as { default: typeof configuration }
    vi.unstubAllEnvs()
    expect(withFeed.publish).toEqual({ provider: 'generic', url: 'https://updates.example.com/room' })
    await expect(schema(withFeed)).resolves.toBeUndefined()
  })
})
