import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { recorded, sampleAllowance, sampleRecord } from '../safety/testSafety.ts'
import { useAgentsStore } from './agents.ts'
import { useAllowancesStore } from './allowances.ts'
import { useNoticesStore } from './notices.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function setUp() {
  const room = createTestRoom()
  const { use } = createTestApp(room)
  const kept = { allowances: [sampleAllowance(), sampleAllowance({ id: 'allow-2', agentId: sampleAgent().id, kind: 'value', value: 'press@company.example' }), sampleAllowance({ id: 'allow-3', agentId: 'zz-00000000' })] }
  room.answer('agent.list', () => ({ agents: [sampleAgent()], seq: 0 }))
  room.answer('allowance.list', () => kept)
  const store = use(useAllowancesStore)
  await use(useAgentsStore).view.load()
  return { room, store, notices: use(useNoticesStore), kept }
}

describe('what was named as not private', () => {
  it('is asked for when somebody looks: what holds for this agent, its own first', async () => {
    const { room, store } = await setUp()
    expect(room.asked('allowance.list')).toEqual([])
    store.isWatched = true
    await settle()
    expect(store.relevant?.map(({ id }) => id)).toEqual(['allow-2', 'allow-1'])
  })

  it('is asked for again when it was changed elsewhere', async () => {
    const { room, store, kept } = await setUp()
    store.isWatched = true
    await vi.advanceTimersByTimeAsync(1_000)
    kept.allowances = []
    store.view.receive([recorded(1, sampleRecord())])
    store.view.receive([recorded(2, sampleRecord({ kind: 'policy', type: 'allowance', action: 'changed' }))])
    await settle()
    expect(room.asked('allowance.list')).toHaveLength(2)
    expect(store.relevant).toEqual([])
  })

  it('is added and taken back, and stays where the room refuses', async () => {
    const { room, store, notices } = await setUp()
    store.isWatched = true
    await settle()
    room.answer('allowance.add', () => sampleAllowance())
    const [first, second] = await Promise.all([store.add({ kind: 'value', value: 'a' }), store.add({ kind: 'value', value: 'a' })])
    expect([first, second, room.asked('allowance.add').length]).toEqual([true, false, 1])
    room.answer('allowance.remove', () => ({}))
    await store.remove('allow-1')
    expect(store.relevant?.map(({ id }) => id)).toEqual(['allow-2'])
    room.answer('allowance.remove', () => {
      throw new AppError('UNAVAILABLE', 'The disk is full.')
    })
    await store.remove('allow-2')
    expect(store.relevant).toHaveLength(1)
    expect(store.removing.size).toBe(0)
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['The disk is full.'])
  })
})
