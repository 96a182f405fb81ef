import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { findingId, recorded, sampleRecord } from '../safety/testSafety.ts'
import { useAgentsStore } from './agents.ts'
import { useSafetyHistoryStore } from './safetyHistory.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE + 5_000

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  vi.stubGlobal('window', { setTimeout, clearTimeout })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function setUp() {
  const room = createTestRoom()
  room.answer('agent.list', () => ({ agents: [sampleAgent()], seq: 0 }))
  const { use } = createTestApp(room)
  const agents = use(useAgentsStore)
  const history = use(useSafetyHistoryStore)
  await agents.view.load()
  return { room, history, newest: () => history.bars.at(-1) }
}

describe('how often something was found', () => {
  it('is asked for only while somebody looks, page by page, as far back as it is drawn', async () => {
    const { room, history, newest } = await setUp()
    room.answer('finding.list', ({ before }) =>
      before === undefined ? { records: [sampleRecord({ at: NOW })], next: 5 } : { records: [sampleRecord({ id: findingId(2), at: NOW - MINUTE })], next: null },
    )
    history.view.receive([recorded(1, sampleRecord({ at: NOW }))])
    expect(newest()?.total).toBe(0)
    history.isWatched = true
    await settle()
    expect(room.asked('finding.list').map(({ from, before }) => [from, before])).toEqual([
      [971 * MINUTE, undefined],
      [971 * MINUTE, 5],
    ])
    expect(history.bars.slice(-2).map(({ total }) => total)).toEqual([1, 1])
    expect(history.isWhole).toBe(true)
    history.view.receive([recorded(2, sampleRecord({ id: findingId(3), at: NOW, kind: 'injection' }), sampleRecord({ id: findingId(4), at: NOW, agentId: 'zz-00000000' }))])
    expect(newest()).toMatchObject({ private: 1, injection: 1 })
  })

  it('counts once what is told while it is asked for', async () => {
    const { room, history, newest } = await setUp()
    let finish: () => void = () => {}
    room.answer('finding.list', () => new Promise((resolve) => (finish = () => resolve({ records: [sampleRecord({ at: NOW })], next: null }))))
    history.isWatched = true
    history.view.receive([recorded(1, sampleRecord({ at: NOW }), sampleRecord({ id: findingId(2), at: NOW }))])
    finish()
    await settle()
    expect(newest()?.private).toBe(2)
  })

  it('says when there is more than is drawn', async () => {
    const { room, history } = await setUp()
    room.answer('finding.list', ({ before = 100 }) => ({ records: [sampleRecord({ id: findingId(before), at: NOW })], next: before - 1 }))
    history.isWatched = true
    await settle()
    expect(history.isWhole).toBe(false)
    expect(room.asked('finding.list')).toHaveLength(4)
  })
})
