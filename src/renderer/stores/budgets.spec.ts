import { describe, expect, it } from 'vitest'
import type { Budget } from '../../shared/domain/budget.ts'
import type { EventName, EventOf, EventPayload } from '../../shared/domain/event.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { sampleBudget, sampleParked } from '../cost/testBudgets.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from './agents.ts'
import { applyBudgetEvent, useBudgetsStore } from './budgets.ts'
import { useNoticesStore } from './notices.ts'

const LEAD = sampleAgent()
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })

function event<N extends EventName>(seq: number, name: N, payload: EventPayload<N>, agentId = LEAD.id): EventOf<N> {
  return { seq, at: seq, severity: 'INFO', agentId, message: `${name}.`, name, payload } as EventOf<N>
}

async function setUp(budgets: Budget[] = [sampleBudget()]) {
  const room = createTestRoom()
  const { use } = createTestApp(room)
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: 10 }))
  room.answer('budget.list', () => ({ budgets, seq: 10 }))
  const agents = use(useAgentsStore)
  const store = use(useBudgetsStore)
  const notices = use(useNoticesStore)
  await Promise.all([agents.view.load(), store.view.load()])
  return { room, agents, store, notices }
}

describe('budgets from events', () => {
  const known = new Map([[LEAD.id, sampleBudget()]])

  it.each(['budget.changed', 'budget.warned'] as const)('%s brings the whole of it', (name) => {
    const after = applyBudgetEvent(known, event(1, name, { budget: sampleBudget({ spent: 6_000_000_000 }) }))
    expect(after.get(LEAD.id)?.spent).toBe(6_000_000_000)
    expect(known.get(LEAD.id)?.spent).toBe(5_290_000_000)
  })

  it('so does the call that did not fit', () => {
    const budget = sampleBudget({ isExhausted: true })
    const after = applyBudgetEvent(known, event(1, 'budget.exhausted', { budget, callId: 'call-00000000000000aa', worstCase: 60_000_000 }))
    expect(after.get(LEAD.id)?.isExhausted).toBe(true)
  })

  it('an increase moves the limit at once', () => {
    const raised = { from: 50_000_000_000, to: 75_000_000_000, actor: 'ada', reason: 'To finish' }
    expect(applyBudgetEvent(known, event(1, 'budget.raised', raised)).get(LEAD.id)?.limit).toBe(75_000_000_000)
  })

  it('calls begin to wait, once each, and cease to', () => {
    const first = applyBudgetEvent(known, event(1, 'budget.callParked', { parked: sampleParked() }))
    const again = applyBudgetEvent(first, event(2, 'budget.callParked', { parked: sampleParked({ until: 9 }) }))
    const second = applyBudgetEvent(again, event(3, 'budget.callParked', { parked: sampleParked({ callId: 'call-00000000000000bb' }) }))
    expect(second.get(LEAD.id)?.parked.map((call) => call.callId)).toEqual(['call-00000000000000aa', 'call-00000000000000bb'])
    expect(again.get(LEAD.id)?.parked).toEqual([sampleParked({ until: 9 })])
    const gone = { callId: 'call-00000000000000aa', end: 'approved', actor: 'ada', reason: null } as const
    expect(applyBudgetEvent(second, event(4, 'budget.callUnparked', gone)).get(LEAD.id)?.parked.map((call) => call.callId)).toEqual(['call-00000000000000bb'])
  })

  it('leaves with its agent, and is left alone by what concerns it not', () => {
    expect(applyBudgetEvent(known, event(1, 'agent.removed', {})).size).toBe(0)
    expect(applyBudgetEvent(known, agentChanged(1, LEAD))).toBe(known)
    expect(applyBudgetEvent(known, event(1, 'budget.callParked', { parked: sampleParked() }, OTHER.id))).toBe(known)
  })
})

describe('the budgets of the room', () => {
  it('shows the budget of the agent that is looked at, and an untouched one where nothing was called', async () => {
    const { agents, store } = await setUp()
    expect(store.selected?.spent).toBe(5_290_000_000)
    agents.select(OTHER.id)
    expect(store.selected).toMatchObject({ agentId: OTHER.id, limit: 50_000_000_000, spent: 0, calls: 0, unit: 'call', recommendedIncrease: 25_000_000_000 })
  })

  it('takes a fresh snapshot when it has missed something', async () => {
    const { room, store } = await setUp()
    room.answer('budget.list', () => ({ budgets: [sampleBudget({ spent: 9 })], seq: 15 }))
    store.view.receive([event(14, 'budget.changed', { budget: sampleBudget({ spent: 7 }) })])
    await settle()
    expect(store.selected?.spent).toBe(9)
    expect(store.view.seq()).toBe(15)
  })

  it('raises with a reason, and closes the question when the room has taken it', async () => {
    const { room, store } = await setUp()
    room.answer('budget.raise', () => sampleBudget())
    store.ask('raise')
    expect(store.asked).toEqual({ decision: 'raise', agentId: LEAD.id })
    const raising = store.raise(LEAD.id, 25_000_000_000, 'To finish')
    expect(store.underWay.get(LEAD.id)).toBe('raise')
    await store.raise(LEAD.id, 25_000_000_000, 'To finish')
    await raising
    expect(room.asked('budget.raise')).toEqual([{ agentId: LEAD.id, by: 25_000_000_000, reason: 'To finish' }])
    expect(store.asked).toBeNull()
    expect(store.underWay.size).toBe(0)
  })

  it('declines one call or all of them', async () => {
    const { room, store } = await setUp()
    room.answer('budget.decline', () => sampleBudget())
    await store.decline(LEAD.id, null, 'Too dear')
    await store.decline(LEAD.id, 'call-00000000000000aa', 'Too dear')
    expect(room.asked('budget.decline')).toEqual([
      { agentId: LEAD.id, reason: 'Too dear' },
      { agentId: LEAD.id, reason: 'Too dear', callId: 'call-00000000000000aa' },
    ])
  })

  it('keeps the question open when the room refuses, and says why', async () => {
    const { room, store, notices } = await setUp()
    room.answer('budget.raise', () => {
      throw new AppError('CONFLICT', 'A budget is at most $1,000,000.00.')
    })
    store.ask('raise')
    await store.raise(LEAD.id, 1, 'To finish')
    expect(store.asked?.decision).toBe('raise')
    expect(notices.notices.map((notice) => notice.sentence)).toEqual(['A budget is at most $1,000,000.00.'])
  })

  it('asks about nobody else than the agent that is looked at', async () => {
    const { agents, store } = await setUp()
    store.ask('decline')
    agents.select(OTHER.id)
    await settle()
    expect(store.asked).toBeNull()
  })
})
