import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { settleIn, type InstallationOptions } from './installation.ts'

let home: TestFolder
beforeEach(() => {
  home = createTestFolder()
})
afterEach(() => home.remove())

function installed({ isPackaged = true, platform = 'linux' as NodeJS.Platform } = {}) {
  const values = { open_at_login: false, update_feed: null as string | null }
  const clients: unknown[][] = []
  const feeds: (string | null)[] = []
  const entries: LogEntry[] = []
  const listeners: ((events: readonly Event[]) => void)[] = []
  let reads = 0
  let onRead = Promise.withResolvers<void>()
  const app = {
    isPackaged,
    setAsDefaultProtocolClient: (...client: unknown[]) => clients.push(client),
    getLoginItemSettings: () => ({ openAtLogin: false }),
    setLoginItemSettings: () => {},
  } as unknown as InstallationOptions['app']
  const options: InstallationOptions = {
    app,
    platform,
    environment: {},
    home: home.path,
    program: '/opt/iron-cage',
    productName: 'Iron Cage Control Room',
    bus: {
      listen(listener) {
        listeners.push(listener)
        return () => undefined
      },
    },
    log: { write: (entry) => entries.push(entry) },
    settings: async () => {
      reads++
      onRead.resolve()
      return { values }
    },
    updates: { follow: (feed) => void feeds.push(feed) },
  }
  const announce = async (name: string): Promise<void> => {
    onRead = Promise.withResolvers<void>()
    for (const listener of listeners) listener([{ name } as Event])
    if (name === 'settings.changed') await onRead.promise
    await new Promise(setImmediate)
  }
  return { options, values, clients, feeds, entries, announce, reads: () => reads, autostart: join(home.path, '.config/autostart/ironcage.control-room.desktop') }
}

describe('an installed room', () => {
  it('opens at no login and looks for no new version, until the settings say so', async () => {
    const room = installed()
    await settleIn(room.options)
    expect([room.feeds, existsSync(room.autostart)]).toEqual([[null], false])
    Object.assign(room.values, { open_at_login: true, update_feed: 'https://updates.example' })
    await room.announce('room.started')
    expect(room.reads()).toBe(1)
    await room.announce('settings.changed')
    expect([room.feeds, existsSync(room.autostart)]).toEqual([[null, 'https://updates.example'], true])
    room.values.open_at_login = false
    await room.announce('settings.changed')
    expect(existsSync(room.autostart)).toBe(false)
  })

  it.each([
    ['darwin', [['iron-cage']]],
    ['win32', [['iron-cage', '/opt/iron-cage', ['--']]]],
    ['linux', []],
  ] as const)('is who takes links (%s), where the package has not said so', async (platform, clients) => {
    const room = installed({ platform })
    await settleIn(room.options)
    expect(room.clients).toEqual(clients)
  })

  it('goes on when the system does not let it, and says so', async () => {
    const room = installed()
    room.values.open_at_login = true
    mkdirSync(join(home.path, '.config'))
    writeFileSync(join(home.path, '.config/autostart'), 'not a folder')
    await settleIn(room.options)
    expect(room.entries).toEqual([expect.objectContaining({ level: 'WARN', event: 'desktop.notSettled' })])
  })
})

describe('a room that runs from a checkout', () => {
  it('leaves no trace in its system', async () => {
    const room = installed({ isPackaged: false, platform: 'win32' })
    room.values.open_at_login = true
    await settleIn(room.options)
    expect([room.clients, room.feeds, room.reads()]).toEqual([[], [], 0])
  })
})
