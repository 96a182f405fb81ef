import { describe, expect, it } from 'vitest'
import type { EventOf } from '../../shared/domain/event.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { sampleCall } from '../../shared/domain/testCalls.ts'
import { AppError } from '../../shared/errors.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from './agents.ts'
import { CALLS_A_PAGE, MOST_CALLS, useCallsStore } from './calls.ts'
import { useNoticesStore } from './notices.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })

const idOf = (place: number): string => `call-${place.toString(16).padStart(16, '0')}`
const call = (place: number, agentId = LEAD.id) => sampleCall({ id: idOf(place), agentId })
const finished = (seq: number, agentId = LEAD.id): EventOf<'llm.callFinished'> => ({
  seq,
  at: seq,
  severity: 'INFO',
  agentId,
  message: 'A call is settled.',
  name: 'llm.callFinished',
  payload: { call: call(seq, agentId) },
})

/** A ledger whose calls stand at the places from 1 up to `latest`. */
async function setUp({ latest = 500 } = {}) {
  const room = createTestRoom()
  const ledger = { latest }
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: ledger.latest }))
  room.answer('call.list', ({ agentId, before = ledger.latest + 1, limit = 100 }) => {
    const last = Math.max(0, before - 1 - limit)
    const calls = Array.from({ length: before - 1 - last }, (_, index) => call(before - 1 - index, agentId))
    return { calls, next: last === 0 ? null : last + 1, seq: ledger.latest }
  })
  const { use } = createTestApp(room)
  const agents = use(useAgentsStore)
  const calls = use(useCallsStore)
  const notices = use(useNoticesStore)
  await Promise.all([calls.view.load(), agents.view.load()])
  await settle()
  return { room, agents, calls, notices, ledger }
}

describe('the calls of an agent', () => {
  it('holds nobody up while no agent is looked at', () => {
    const calls = createTestApp(createTestRoom()).use(useCallsStore)
    expect(calls.view.seq()).toBe(Number.POSITIVE_INFINITY)
    calls.view.receive([finished(1)])
    expect(calls.calls).toEqual([])
  })

  it('begins with the newest page, and puts what follows in front', async () => {
    const { calls } = await setUp()
    expect(calls.calls).toHaveLength(CALLS_A_PAGE)
    expect(calls.calls[0]?.id).toBe(idOf(500))
    calls.view.receive([finished(500), finished(501), finished(502, OTHER.id), agentChanged(503, LEAD)])
    expect(calls.calls.slice(0, 2).map((one) => one.id)).toEqual([idOf(501), idOf(500)])
    expect(calls.view.seq()).toBe(503)
  })

  it('loads older ones behind them, to the end', async () => {
    const { room, calls } = await setUp()
    await calls.loadOlder()
    expect(calls.calls).toHaveLength(400)
    await Promise.all([calls.loadOlder(), calls.loadOlder()])
    expect(calls.calls.map((one) => one.id)).toEqual(Array.from({ length: 500 }, (_, index) => idOf(500 - index)))
    expect(calls.next).toBeNull()
    await calls.loadOlder()
    expect(room.asked('call.list').map((input) => input.before)).toEqual([undefined, 301, 101])
  })

  it('begins anew when it has missed something', async () => {
    const { calls, ledger } = await setUp()
    await calls.loadOlder()
    ledger.latest = 510
    calls.view.receive([finished(509)])
    await settle()
    expect(calls.calls).toHaveLength(CALLS_A_PAGE)
    expect(calls.calls[0]?.id).toBe(idOf(510))
    await calls.loadOlder()
    expect(calls.calls).toHaveLength(400)
  })

  it('stays bounded, and begins anew with the newest page', async () => {
    const { calls, ledger } = await setUp()
    for (let seq = 501; seq <= 3_000; seq++) {
      ledger.latest = seq
      calls.view.receive([finished(seq)])
      if (seq % 50 === 0) await settle()
      expect(calls.calls.length).toBeLessThanOrEqual(MOST_CALLS + 1)
    }
    await settle()
    expect(calls.calls[0]?.id).toBe(idOf(3_000))
    expect(new Set(calls.calls.map((one) => one.id)).size).toBe(calls.calls.length)
  })

  it('is full at a thousand', async () => {
    const { room, calls } = await setUp({ latest: 2_000 })
    for (let page = 0; page < 6; page++) await calls.loadOlder()
    expect(calls.calls).toHaveLength(MOST_CALLS)
    expect(calls.isFull).toBe(true)
    expect(room.asked('call.list')).toHaveLength(5)
  })

  it('goes to another agent, and does not take the first one’s late answers for its', async () => {
    const { room, agents, calls } = await setUp()
    let finish: () => void = () => {}
    room.answer('call.list', ({ agentId = '', before }) => {
      if (before === undefined) return { calls: [call(1, agentId)], next: null, seq: 500 }
      return new Promise((resolve) => (finish = () => resolve({ calls: [call(9, agentId)], next: null, seq: 500 })))
    })
    const older = calls.loadOlder()
    agents.select(OTHER.id)
    expect(calls.calls).toEqual([])
    finish()
    await older
    await settle()
    expect(calls.calls.map((one) => [one.agentId, one.id])).toEqual([[OTHER.id, idOf(1)]])
  })

  it('says why there is no page, and tries again with the next event', async () => {
    const { room, agents, calls, notices } = await setUp()
    room.answer('call.list', () => {
      throw new AppError('UNAVAILABLE', 'The ledger is busy.')
    })
    agents.select(OTHER.id)
    await settle()
    expect(notices.notices.map((notice) => notice.sentence)).toEqual(['The ledger is busy.'])
    expect(calls.isLoaded).toBe(false)
    room.answer('call.list', () => ({ calls: [call(7, OTHER.id)], next: null, seq: 501 }))
    calls.view.receive([finished(501)])
    await settle()
    expect(calls.calls.map((one) => one.id)).toEqual([idOf(7)])
  })

  it('tries again when the connection is back', async () => {
    const { room, agents, calls, notices } = await setUp()
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 0 })
    room.answer('call.list', () => {
      throw new AppError('UNAVAILABLE', 'The wire is gone.')
    })
    agents.select(OTHER.id)
    await settle()
    expect(notices.notices).toEqual([])
    room.answer('call.list', () => ({ calls: [], next: null, seq: 500 }))
    room.enter({ kind: 'open' })
    await settle()
    expect(calls.isLoaded).toBe(true)
  })
})
