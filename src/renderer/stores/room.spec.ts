import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useRoomStore } from './room.ts'

const identity = (role: 'admin' | 'viewer') => ({ caller: { role, id: 'ada' }, version: '1.0.0', host: 'browser' as const, dataFolder: '/data' })

describe('the room', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('learns as whom it is known, and again after each reconnection', async () => {
    const room = createTestRoom({ kind: 'connecting' })
    room.answer('room.identity', () => identity('viewer'))
    const store = createTestApp(room).use(useRoomStore)
    expect(store.isAdmin).toBe(false)
    room.enter({ kind: 'open' })
    await settle()
    expect(store.identity?.caller.role).toBe('viewer')
    room.answer('room.identity', () => identity('admin'))
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.enter({ kind: 'open' })
    await settle()
    expect(store.isAdmin).toBe(true)
  })

  it('remembers since when it no longer hears anything', async () => {
    vi.useFakeTimers({ now: 1_000 })
    const room = createTestRoom()
    room.answer('room.identity', () => identity('admin'))
    const store = createTestApp(room).use(useRoomStore)
    expect(store.lostAt).toBeNull()
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    expect(store.lostAt).toBe(1_000)
    vi.setSystemTime(5_000)
    room.enter({ kind: 'reconnecting', attempt: 2, retryAt: 0 })
    expect(store.lostAt).toBe(1_000)
    room.enter({ kind: 'open' })
    expect(store.lostAt).toBeNull()
    await settle()
  })

  it('forgets who it was when it is signed out', async () => {
    const room = createTestRoom()
    room.answer('room.identity', () => identity('admin'))
    const store = createTestApp(room).use(useRoomStore)
    await settle()
    room.enter({ kind: 'signed-out' })
    expect(store.isAdmin).toBe(false)
  })
})
