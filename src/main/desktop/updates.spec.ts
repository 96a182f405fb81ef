import { beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { settle } from './testDesktop.ts'
import { BETWEEN_LOOKS_MS, createUpdates, type Updater, type Updates } from './updates.ts'
import type { WindowQuestion } from './windowDialogs.ts'

const FEED = 'https://updates.example/room'

interface TestUpdater extends Updater {
  /** The version that the feed has; null when nothing is newer. */
  offered: string | null
  problem: Error | null
  readonly feeds: string[]
  downloads: number
}

let clock: TestClock
let updater: TestUpdater
let loads: number
/** Whether it was told before the download that it may install: on macOS afterwards is too late. */
let installsAsItArrives: boolean
let questions: WindowQuestion[]
let isWanted: boolean
let entries: LogEntry[]
let updates: Updates

beforeEach(() => {
  clock = createTestClock()
  loads = 0
  installsAsItArrives = false
  questions = []
  isWanted = true
  entries = []
  // electron-updater's own defaults.
  updater = {
    autoDownload: true,
    autoInstallOnAppQuit: true,
    logger: console,
    offered: null,
    problem: null,
    feeds: [],
    downloads: 0,
    setFeedURL: ({ url }) => void updater.feeds.push(url),
    checkForUpdates: async () => {
      if (updater.problem) throw updater.problem
      return { isUpdateAvailable: updater.offered !== null, updateInfo: { version: updater.offered ?? '1.0.0' } }
    },
    downloadUpdate: async () => {
      updater.downloads++
      installsAsItArrives = updater.autoInstallOnAppQuit
    },
  }
  updates = createUpdates({
    load: async () => {
      loads++
      return updater
    },
    clock,
    log: { write: (entry) => entries.push(entry) },
    ask: async (question) => {
      questions.push(question)
      return isWanted
    },
  })
})

async function follow(feed: string | null): Promise<void> {
  updates.follow(feed)
  await settle()
}

async function aDay(): Promise<void> {
  clock.advance(BETWEEN_LOOKS_MS)
  await settle()
}

describe('new versions', () => {
  it('are looked for nowhere, and nothing is loaded for it, while there is no feed', async () => {
    await follow(null)
    await aDay()
    expect([loads, clock.waiting()]).toEqual([0, 0])
  })

  it('are looked for at once and once a day, and asked for when there is one', async () => {
    await follow(FEED)
    expect([updater.feeds, questions, updater.autoDownload, updater.autoInstallOnAppQuit]).toEqual([[FEED], [], false, false])
    updater.offered = '1.1.0'
    await aDay()
    expect(questions.map(({ message }) => message)).toEqual(['Version 1.1.0 of the control room is there. Download it?'])
    expect([updater.downloads, installsAsItArrives, updater.autoInstallOnAppQuit]).toEqual([1, true, true])
    expect(entries.map(({ event }) => event)).toEqual(['desktop.updateReady'])
    expect(clock.waiting()).toBe(0)
  })

  it('are not fetched by whoever does not want them, and he is not asked again for the same one', async () => {
    isWanted = false
    updater.offered = '1.1.0'
    await follow(FEED)
    await aDay()
    expect([questions.length, updater.downloads, updater.autoInstallOnAppQuit]).toEqual([1, 0, false])
    updater.offered = '1.2.0'
    await aDay()
    expect(questions).toHaveLength(2)
  })

  it('that cannot be had are told of in a line, and tried again the next day', async () => {
    updater.problem = new Error('net::ERR_NAME_NOT_RESOLVED\n    at SimpleURLLoaderWrapper')
    await follow(FEED)
    expect(entries).toEqual([{ level: 'WARN', event: 'desktop.updateFailed', msg: 'No new version could be had: net::ERR_NAME_NOT_RESOLVED' }])
    updater.problem = null
    updater.offered = '1.1.0'
    await aDay()
    expect(updater.downloads).toBe(1)
  })

  it('that did not arrive whole are not put in', async () => {
    updater.offered = '1.1.0'
    updater.downloadUpdate = () => Promise.reject(new Error('sha512 checksum mismatch'))
    await follow(FEED)
    expect([updater.autoInstallOnAppQuit, entries.map(({ event }) => event), clock.waiting()]).toEqual([false, ['desktop.updateFailed'], 1])
  })

  it('are not looked for any more when the feed is taken away, and what was fetched is not put in', async () => {
    updater.offered = '1.1.0'
    await follow(FEED)
    await follow(null)
    expect([updater.autoInstallOnAppQuit, clock.waiting()]).toEqual([false, 0])
  })

  it('come from the feed that is followed now, and from no other that was asked before', async () => {
    const answer = Promise.withResolvers<{ isUpdateAvailable: boolean; updateInfo: { version: string } }>()
    const check = updater.checkForUpdates
    updater.checkForUpdates = () => answer.promise
    await follow(FEED)
    updater.checkForUpdates = check
    await follow('https://elsewhere.example/room')
    answer.resolve({ isUpdateAvailable: true, updateInfo: { version: '9.9.9' } })
    await settle()
    expect([questions, updater.downloads, updater.feeds.at(-1), clock.waiting()]).toEqual([[], 0, 'https://elsewhere.example/room', 1])
  })

  it('that were fetched are put in by the room that closes; nothing is looked for then', async () => {
    updater.offered = '1.1.0'
    await follow(FEED)
    updates.close()
    expect([updater.autoInstallOnAppQuit, clock.waiting()]).toEqual([true, 0])
  })
})
