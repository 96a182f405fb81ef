// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { keysChanged, sampleKeys } from '../secrets/testSecrets.ts'
import { useKeysStore } from './keys.ts'
import { useNoticesStore } from './notices.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  localStorage.clear()
})

const MISSING = sampleKeys({ state: 'missing', source: null, ways: { keychain: true, passphrase: true } })

async function setUp(first = MISSING) {
  const room = createTestRoom()
  const answer = { status: first }
  room.answer('keys.status', () => answer.status)
  const { use } = createTestApp(room)
  const store = use(useKeysStore)
  await store.view.load()
  return { room, store, answer, use, notices: use(useNoticesStore) }
}

describe('the master key', () => {
  it('holds up nothing else on the page', async () => {
    const room = createTestRoom()
    const { use } = createTestApp(room)
    const store = use(useKeysStore)
    await store.view.load()
    expect([store.view.seq(), store.status, store.isOpen, store.toTell]).toEqual([Number.POSITIVE_INFINITY, null, false, null])
    expect(use(useNoticesStore).notices).toHaveLength(1)
  })

  it('is told of while it is missing, until that is put away in this browser', async () => {
    const { store, answer } = await setUp()
    expect(store.toTell).toEqual(MISSING)
    store.dismiss()
    expect(store.toTell).toBeNull()
    expect((await setUp()).store.toTell).toBeNull()
    answer.status = sampleKeys({ state: 'locked' })
    await store.view.load()
    expect(store.toTell?.state).toBe('locked')
  })

  it('is asked about when it has changed, once for a handful of events', async () => {
    const { room, store, answer } = await setUp()
    answer.status = sampleKeys()
    store.view.receive([keysChanged(1, { state: 'open', source: 'file' }), keysChanged(2, { state: 'open', source: 'file' })])
    await settle()
    expect([store.isOpen, room.asked('keys.status').length]).toEqual([true, 2])
  })

  it('is there as soon as it was made or opened, and an older answer does not take it back', async () => {
    const { room, store, answer } = await setUp()
    room.answer('keys.create', () => sampleKeys({ source: 'file' }))
    let finish: () => void = () => {}
    room.answer('keys.status', () => new Promise((resolve) => (finish = () => resolve(answer.status))))
    const late = store.view.load()
    await store.create({ way: 'passphrase', passphrase: 'twelve invented' })
    finish()
    await late
    expect(store.status?.source).toBe('file')
    room.answer('keys.unlock', () => {
      throw new AppError('FORBIDDEN', 'That is not the passphrase.')
    })
    await expect(store.unlock('wrong')).rejects.toThrow('That is not the passphrase.')
    expect(JSON.stringify(store.$state)).not.toMatch(/twelve invented|wrong/)
  })
})
