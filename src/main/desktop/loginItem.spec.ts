import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import { autostartEntry, setLoginItem, type LoginItemOptions } from './loginItem.ts'

let home: TestFolder
beforeEach(() => {
  home = createTestFolder()
})
afterEach(() => home.remove())

function options(platform: NodeJS.Platform, environment: Record<string, string> = {}) {
  const asked: boolean[] = []
  const app = {
    getLoginItemSettings: () => ({ openAtLogin: asked.at(-1) ?? false }),
    setLoginItemSettings: ({ openAtLogin = false }) => void asked.push(openAtLogin),
  } as LoginItemOptions['app']
  return { asked, given: { app, platform, environment, home: home.path, program: '/opt/Iron Cage/iron-cage', productName: 'Iron Cage Control Room' } }
}

describe.each(['darwin', 'win32'] as const)('the login item (%s)', (platform) => {
  it('is asked of the system, and only where it is otherwise', () => {
    const { asked, given } = options(platform)
    setLoginItem(false, given)
    expect(asked).toEqual([])
    setLoginItem(true, given)
    setLoginItem(true, given)
    setLoginItem(false, given)
    expect(asked).toEqual([true, false])
  })
})

describe('the login item (linux)', () => {
  const place = (): string => join(home.path, '.config/autostart/ironcage.control-room.desktop')

  it('is an entry that desktops read, written once and taken away again', () => {
    const { asked, given } = options('linux')
    setLoginItem(false, given)
    expect(existsSync(join(home.path, '.config'))).toBe(false)
    setLoginItem(true, given)
    expect(readFileSync(place(), 'utf8')).toBe(
      '[Desktop Entry]\nType=Application\nName=Iron Cage Control Room\nExec="/opt/Iron Cage/iron-cage"\nTerminal=false\n',
    )
    utimesSync(place(), 1, 1)
    setLoginItem(true, given)
    expect(statSync(place()).mtimeMs).toBe(1_000)
    setLoginItem(false, given)
    expect([existsSync(place()), asked]).toEqual([false, []])
  })

  it('lies where the session keeps its settings, and starts the AppImage rather than what it unfolds', () => {
    const config = join(home.path, 'config')
    setLoginItem(true, options('linux', { XDG_CONFIG_HOME: config, APPIMAGE: '/home/ada/Iron.AppImage' }).given)
    expect(readFileSync(join(config, 'autostart/ironcage.control-room.desktop'), 'utf8')).toContain('Exec="/home/ada/Iron.AppImage"\n')
  })

  it('leaves another AppImage alone, from whose terminal the room was started', () => {
    const config = join(home.path, 'config')
    const start = (environment: Record<string, string>, program: string): string => {
      setLoginItem(true, { ...options('linux', { XDG_CONFIG_HOME: config, ...environment }).given, program })
      return /Exec="(.*)"/.exec(readFileSync(join(config, 'autostart/ironcage.control-room.desktop'), 'utf8'))?.[1] ?? ''
    }
    expect(start({ APPIMAGE: '/home/ada/Editor.AppImage', APPDIR: '/tmp/.mount_Editor1' }, '/opt/Iron Cage/iron-cage')).toBe('/opt/Iron Cage/iron-cage')
    // What runs knows its path without the links in it.
    expect(start({ APPIMAGE: '/home/ada/Iron.AppImage', APPDIR: '/tmp/.mount_Iron22' }, '/private/tmp/.mount_Iron22/iron-cage')).toBe('/home/ada/Iron.AppImage')
  })

  it('means the program, whatever characters are in its path', () => {
    expect(autostartEntry('Room', '/o p/100%/$HOME/`id`/"q"/b\\c')).toContain('Exec="/o p/100%%/\\\\$HOME/\\\\`id\\\\`/\\\\"q\\\\"/b\\\\\\\\c"\n')
  })
})
