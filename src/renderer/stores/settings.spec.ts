// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import type { Event } from '../../shared/domain/event.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { sampleSetting, sampleSettings } from '../settings/testSettings.ts'
import { useSettingsStore } from './settings.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const BUDGET = sampleSetting('budget', { fallback: '$100.00', inFile: '$50.00' })
const PORT = sampleSetting('port', { fallback: 7317 })
const CHANGED: Event = { seq: 1, at: 1, severity: 'INFO', agentId: null, message: 'Changed.', name: 'settings.changed', payload: { keys: ['budget'], actor: 'ada (admin)' } }

async function setUp() {
  const room = createTestRoom()
  const answer = { settings: sampleSettings([BUDGET, PORT]), problem: null as string | null }
  room.answer('settings.list', () => answer.settings)
  room.answer('settings.check', () => ({ problem: answer.problem }))
  room.answer('settings.change', () => answer.settings)
  const { use } = createTestApp(room)
  const store = use(useSettingsStore)
  store.isWatched = true
  await settle()
  return { room, store, answer }
}

const checked = async (): Promise<void> => {
  vi.advanceTimersByTime(200)
  await settle()
}

describe('the settings', () => {
  it('are asked for only while somebody looks, and again when they have changed', async () => {
    const { room, store, answer } = await setUp()
    expect(store.settings).toEqual(answer.settings)
    answer.settings = sampleSettings([PORT], 'second')
    store.view.receive([CHANGED])
    vi.advanceTimersByTime(500)
    await settle()
    expect(store.settings).toEqual(answer.settings)
    store.isWatched = false
    store.view.receive([CHANGED])
    await store.view.load()
    vi.advanceTimersByTime(500)
    await settle()
    expect(room.asked('settings.list')).toHaveLength(2)
  })

  it('say why there are none, until there are', async () => {
    const { room, store, answer } = await setUp()
    room.answer('settings.list', () => {
      throw new AppError('INVALID_CONFIGURATION', '/data/settings.yaml, line 1: budget is "lots".')
    })
    await store.load()
    expect(store.problem).toBe('/data/settings.yaml, line 1: budget is "lots".')
    room.answer('settings.list', () => answer.settings)
    await store.load()
    expect(store.problem).toBeNull()
  })
})

describe('a change', () => {
  it('is checked as it is typed, and none is saved while one is refused', async () => {
    const { room, store, answer } = await setUp()
    answer.problem = 'budget is "l", but must be an amount.'
    store.edit('budget', 'l')
    store.edit('budget', 'lo')
    await checked()
    expect(room.asked('settings.check')).toEqual([{ key: 'budget', value: 'lo' }])
    expect([store.refusals.get('budget'), store.canSave]).toEqual(['budget is "l", but must be an amount.', false])
    await store.save()
    expect(room.asked('settings.change')).toEqual([])
    answer.problem = null
    store.edit('budget', '75')
    await checked()
    expect([store.refusals.size, store.canSave]).toEqual([0, true])
  })

  it('is none when it is as it was', async () => {
    const { store } = await setUp()
    store.edit('budget', '75')
    store.edit('budget', '$50.00')
    store.edit('port', null)
    await checked()
    expect([store.drafts.size, store.canSave]).toEqual([0, false])
  })

  it('is saved with the others at once, against the file that was looked at', async () => {
    const { room, store, answer } = await setUp()
    store.edit('budget', null)
    store.edit('port', '7400')
    answer.settings = sampleSettings([sampleSetting('budget', { fallback: '$100.00' }), sampleSetting('port', { fallback: 7317, inFile: 7400, inUse: 7317 })], 'second')
    await store.save()
    expect(room.asked('settings.change')).toEqual([{ changes: [{ key: 'budget' }, { key: 'port', value: '7400' }], revision: 'first' }])
    expect([store.drafts.size, store.savedCount, store.settings?.revision]).toEqual([0, 2, 'second'])
    store.edit('budget', '5')
    expect(store.savedCount).toBe(0)
  })

  it('that the room refuses stays, with its sentence where it belongs', async () => {
    const { room, store, answer } = await setUp()
    store.edit('budget', '75')
    room.answer('settings.change', () => {
      throw new AppError('INVALID_INPUT', 'budget is "75".', { key: 'budget' })
    })
    await store.save()
    expect([store.refusals.get('budget'), store.saveProblem, store.drafts.get('budget')]).toEqual(['budget is "75".', null, '75'])
    store.edit('budget', '76')
    answer.settings = sampleSettings([BUDGET, PORT], 'second')
    room.answer('settings.change', () => {
      throw new AppError('CONFLICT', 'The file has changed meanwhile; look at it again.')
    })
    await store.save()
    vi.advanceTimersByTime(500)
    await settle()
    expect([store.saveProblem, store.drafts.get('budget'), store.settings?.revision]).toEqual(['The file has changed meanwhile; look at it again.', '76', 'second'])
  })

  it('that was typed while others were saved waits for the next time', async () => {
    const { room, store, answer } = await setUp()
    const held = Promise.withResolvers<typeof answer.settings>()
    room.answer('settings.change', () => held.promise)
    store.edit('budget', '75')
    const saving = store.save()
    store.edit('port', '7400')
    held.resolve(answer.settings)
    await saving
    expect([...store.drafts]).toEqual([['port', '7400']])
  })

  it('goes with all others when they are discarded', async () => {
    const { room, store } = await setUp()
    store.edit('budget', '75')
    store.discard()
    await checked()
    expect([store.drafts.size, room.asked('settings.check')]).toEqual([0, []])
  })
})

it('a test says where it went, or why it did not', async () => {
  const { room, store } = await setUp()
  room.answer('alert.test', ({ channel }) => {
    if (channel === 'email') throw new AppError('UNAVAILABLE', 'The test email was not sent: nobody answers.')
    return { target: 'https://hooks.example.com/…' }
  })
  const sending = store.sendTest('webhook')
  expect(store.tests.webhook?.isUnderWay).toBe(true)
  await sending
  await store.sendTest('email')
  expect(store.tests).toEqual({
    webhook: { isUnderWay: false, target: 'https://hooks.example.com/…', problem: null },
    email: { isUnderWay: false, target: null, problem: 'The test email was not sent: nobody answers.' },
  })
})
