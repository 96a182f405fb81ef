import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SafetyStatus } from '../../shared/contract/safety.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { layer, recorded, safetyEvent, sampleCounts, sampleRecord, sampleRules, sampleStatus } from '../safety/testSafety.ts'
import { keysChanged } from '../secrets/testSecrets.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'
import { applySafetyEvent, useSafetyStore, type RoomSafety } from './safety.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })
const AFTER_SNAPSHOT = 10_000

const known = (...statuses: SafetyStatus[]): RoomSafety => ({ agents: new Map(statuses.map((one) => [one.agentId, one])), room: layer(), isKept: true })

describe('what is known of safety, from events', () => {
  const before = known(sampleStatus(), sampleStatus({ agentId: OTHER.id }))

  it('counts what was found, by what came of it and by type', () => {
    const after = applySafetyEvent(
      before,
      recorded(
        1,
        sampleRecord(),
        sampleRecord({ type: 'phone', action: 'blocked' }),
        sampleRecord({ type: 'phone', action: 'warned', times: 40 }),
        sampleRecord({ kind: 'unauthorised', type: 'host', action: 'refused' }),
        sampleRecord({ kind: 'injection', type: 'ignore-previous', action: 'warned' }),
        sampleRecord({ kind: 'opened', action: 'opened' }),
        sampleRecord({ kind: 'policy', type: 'rules', action: 'changed' }),
      ),
    )
    expect(after.agents.get(LEAD.id)?.counts).toEqual(
      sampleCounts({ found: 42, redacted: 1, blocked: 1, warned: 40, unauthorised: 1, injection: 1, byType: { email: 1, phone: 41 } }),
    )
    expect(after.agents.get(OTHER.id)?.counts).toEqual(sampleCounts())
    expect(before.agents.get(LEAD.id)?.counts).toEqual(sampleCounts())
  })

  it('leaves out whom it does not know, and what belongs to nobody', () => {
    const event = recorded(1, sampleRecord({ agentId: 'zz-00000000' }), sampleRecord({ agentId: null }))
    expect([...applySafetyEvent(before, event).agents.keys()]).toEqual([LEAD.id, OTHER.id])
  })

  it('takes the rules that hold from now on', () => {
    const rules = sampleRules({ mode: 'block' })
    expect(applySafetyEvent(before, safetyEvent(1, 'safety.rulesChanged', { rules })).agents.get(LEAD.id)?.rules.mode).toBe('block')
    expect(applySafetyEvent(before, safetyEvent(1, 'safety.rulesChanged', { rules }, null))).toBe(before)
  })

  it('forgets an agent that was removed', () => {
    expect([...applySafetyEvent(before, safetyEvent(1, 'agent.removed', {})).agents.keys()]).toEqual([OTHER.id])
  })
})

describe('the safety of the room', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 5_000 }))
  afterEach(() => void vi.useRealTimers())

  async function setUp() {
    const room = createTestRoom()
    const { use } = createTestApp(room)
    const answer = { agents: [sampleStatus(), sampleStatus({ agentId: OTHER.id })], room: layer(), isKept: true, seq: 10 }
    room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: 10 }))
    room.answer('safety.list', () => answer)
    room.answer('safety.setRules', ({ rules }) => ({ rules: layer(rules) }))
    const agents = use(useAgentsStore)
    const store = use(useSafetyStore)
    const notices = use(useNoticesStore)
    await Promise.all([agents.view.load(), store.view.load()])
    return { room, agents, store, notices, answer }
  }

  it('counts for the agent that is looked at, with the very event', async () => {
    const { room, agents, store } = await setUp()
    store.view.receive([recorded(11, sampleRecord({ at: AFTER_SNAPSHOT }))])
    expect(store.selected?.counts.redacted).toBe(1)
    agents.select(OTHER.id)
    expect(store.selected?.counts.redacted).toBe(0)
    expect(room.asked('safety.list')).toHaveLength(1)
  })

  it('asks again where the snapshot had counted already what is told only now', async () => {
    const { room, store, answer } = await setUp()
    answer.agents = [sampleStatus({ counts: sampleCounts({ found: 1, redacted: 1, byType: { email: 1 } }) })]
    answer.seq = 11
    store.view.receive([recorded(11, sampleRecord({ at: 4_000 }))])
    await settle()
    expect(room.asked('safety.list')).toHaveLength(2)
    expect(store.selected?.counts.found).toBe(1)
  })

  it('asks where a rule comes from when one has changed: at once, and then once a second', async () => {
    const { room, store, answer } = await setUp()
    answer.agents = [sampleStatus({ override: layer({ mode: 'warn' }), rules: sampleRules({ mode: 'warn' }) })]
    answer.seq = 30
    for (let seq = 11; seq <= 30; seq++) store.view.receive([safetyEvent(seq, 'safety.rulesChanged', { rules: sampleRules({ mode: 'warn' }) })])
    await settle()
    expect(room.asked('safety.list')).toHaveLength(2)
    expect(store.layers).toEqual({ agent: layer({ mode: 'warn' }), room: layer(), launch: LEAD.plan.safety.rules })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(room.asked('safety.list')).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(room.asked('safety.list')).toHaveLength(3)
  })

  it('asks whether originals can be kept when the master key has come', async () => {
    const { room, store } = await setUp()
    store.view.receive([keysChanged(11, { state: 'open', source: 'file' })])
    await settle()
    expect(room.asked('safety.list')).toHaveLength(2)
  })

  it('asks about an agent that has come', async () => {
    const { room, store } = await setUp()
    store.view.receive([agentChanged(11, LEAD)])
    expect(room.asked('safety.list')).toHaveLength(1)
    store.view.receive([agentChanged(12, sampleAgent({ id: 'nw-00000001' }))])
    await settle()
    expect(room.asked('safety.list')).toHaveLength(2)
  })

  it('changes the mode and leaves alone what else was said of the agent', async () => {
    const { room, store, answer } = await setUp()
    answer.agents = [sampleStatus({ override: layer({ types: { phone: 'off' }, injection: 'block' }) })]
    await store.view.load()
    await store.setMode(LEAD.id, 'block')
    expect(room.asked('safety.setRules')).toEqual([{ agentId: LEAD.id, rules: layer({ mode: 'block', types: { phone: 'off' }, injection: 'block' }) }])
  })

  it('sends one change at a time, and says why one was not taken', async () => {
    const { room, store, notices } = await setUp()
    const [first, second] = await Promise.all([store.setRules(null, layer({ mode: 'block' })), store.setRules(null, layer({ mode: 'warn' }))])
    expect([first, second]).toEqual([true, false])
    expect(room.asked('safety.setRules')).toEqual([{ agentId: null, rules: layer({ mode: 'block' }) }])
    room.answer('safety.setRules', () => {
      throw new AppError('FORBIDDEN', 'Only an admin may change the rules.')
    })
    expect(await store.setRules(LEAD.id, layer())).toBe(false)
    expect(notices.notices.map(({ sentence }) => sentence)).toEqual(['Only an admin may change the rules.'])
    expect(store.isSaving).toBe(false)
  })

  it('knows no layers of an agent that it does not know', async () => {
    const { room, agents, store } = await setUp()
    room.answer('agent.list', () => ({ agents: [sampleAgent({ id: 'nw-00000001', plan: samplePlan() })], seq: 11 }))
    await agents.view.load()
    expect(store.layers).toBeNull()
    expect(store.selected).toBeNull()
  })
})
