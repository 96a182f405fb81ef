// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Budget } from '../../shared/domain/budget.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { sampleBudget, sampleParked } from '../cost/testBudgets.ts'
import { agentChanged, createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { sampleService, serviceEvent } from '../services/testServices.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'
import { useEventNoticesStore } from './eventNotices.ts'
import { useNoticeActionsStore } from './noticeActions.ts'
import { useNoticesStore } from './notices.ts'
import { usePanelsStore } from './panels.ts'
import { useRoomStore } from './room.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const MAIL = sampleAgent({ id: 'mt-9c0d11fe', plan: samplePlan({ name: 'mail_triage.mjs' }), createdAt: 1 })
const WARNED = sampleBudget({ agentId: MAIL.id, spent: 45_200_000_000, isWarned: true })

beforeEach(() => void vi.useFakeTimers({ now: 5_000 }))
afterEach(() => void vi.useRealTimers())

async function setUp({ role = 'admin', budgets = [] }: { role?: 'admin' | 'viewer'; budgets?: Budget[] } = {}) {
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role, id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  room.answer('agent.list', () => ({ agents: [LEAD, MAIL], seq: 5 }))
  room.answer('budget.list', () => ({ budgets, seq: 5 }))
  room.answer('finding.list', () => ({ records: [], next: null }))
  const { use } = createTestApp(room)
  const store = use(useEventNoticesStore)
  const own = { agents: use(useAgentsStore), budgets: use(useBudgetsStore), notices: use(useNoticesStore), panels: use(usePanelsStore), actions: use(useNoticeActionsStore) }
  use(useRoomStore)
  await Promise.all([own.agents.view.load(), own.budgets.view.load()])
  await settle()
  const change = async (budget: Budget): Promise<void> => {
    own.budgets.view.receive([serviceEvent(own.budgets.view.seq() + 1, 'budget.changed', { budget }, budget.agentId)])
    await settle()
  }
  const words = (): string[] => (own.notices.notices[0] ? own.actions.actionsOf(own.notices.notices[0]).map(({ word }) => word) : [])
  const press = (key: string): void => own.notices.notices[0] && own.actions.actionsOf(own.notices.notices[0]).find((action) => action.key === key)?.act()
  return { room, store, ...own, change, words, press }
}

describe('notices of what happens', () => {
  it('come once for each event, though it be told twice', async () => {
    const { store, notices } = await setUp()
    const event = serviceEvent(6, 'service.opened', { service: sampleService({ state: 'open' }) })
    store.view.receive([event])
    store.view.receive([event])
    expect(notices.notices.map(({ times }) => times)).toEqual([1])
  })

  it('follow a breaker’s figures while it is open, and disturb nobody about a probe that failed', async () => {
    const { store, notices } = await setUp()
    store.view.receive([serviceEvent(6, 'service.opened', { service: sampleService({ state: 'open' }) })])
    notices.putAway(notices.shown.map(({ id }) => id))
    store.view.receive([serviceEvent(7, 'service.changed', { service: sampleService({ state: 'open', blocked: 66, formatted: { blocked: '66 leads', saved: null, viaFallback: null } }) })])
    expect(notices.notices[0]?.facts).toContainEqual({ word: 'Kept away', value: '66 leads' })
    expect([notices.unread, notices.shown.length]).toEqual([0, 0])
    store.view.receive([serviceEvent(8, 'service.opened', { service: sampleService({ state: 'open' }) })])
    expect(notices.shown).toEqual([])
    store.view.receive([serviceEvent(9, 'service.recovered', { service: sampleService({ recoveries: 1 }) })])
    expect(notices.shown.map(({ title }) => title)).toEqual(['lead_gen_agent.py: linkedin works again'])
    store.view.receive([serviceEvent(10, 'service.changed', { service: sampleService({ calls: 99 }) })])
    expect(notices.notices[0]?.facts).toContainEqual({ word: 'Calls', value: '33' })
  })

  it('tell of agents that crash, but not of how they were at first', async () => {
    const { agents, notices } = await setUp()
    expect(notices.notices).toEqual([])
    agents.view.receive([agentChanged(6, sampleAgent({ ...LEAD, status: 'crashed', reason: 'It ended with code 1.' }))])
    await settle()
    expect(notices.shown.map(({ title }) => title)).toEqual(['lead_gen_agent.py has crashed'])
  })
})

describe('notices of a budget', () => {
  it('stand there from the start where somebody has to decide, and go when it is decided', async () => {
    const { notices, change, words } = await setUp({ budgets: [WARNED] })
    expect(notices.shown.map(({ title }) => title)).toEqual(['mail_triage.mjs: 90.4% of the budget is used'])
    expect(words()).toEqual(['Approve $25 increase', 'Other amount…', 'Show the cost'])
    await change({ ...WARNED, limit: 75_000_000_000, isWarned: false })
    expect(notices.shown).toEqual([])
    expect(words()).toEqual(['Show the cost'])
  })

  it('go on with what is spent, and come anew with the next call that waits', async () => {
    const { notices, change, words } = await setUp({ budgets: [WARNED] })
    notices.putAway(notices.shown.map(({ id }) => id))
    await change({ ...WARNED, spent: 46_000_000_000 })
    expect(notices.notices[0]?.sentence).toBe('$46.00 of $50.00 is spent.')
    expect(notices.shown).toEqual([])
    await change({ ...WARNED, parked: [sampleParked()] })
    expect(notices.shown).toHaveLength(1)
    expect(words()).toEqual(['Approve $25 increase', 'Other amount…', 'Decline…', 'Show the cost'])
  })

  it('approve what they offer, with a reason, for an agent that nobody looks at', async () => {
    const { room, agents, press } = await setUp({ budgets: [WARNED] })
    room.answer('budget.raise', () => ({ ...WARNED, limit: 75_000_000_000 }))
    press('approve')
    await settle()
    expect(room.asked('budget.raise')).toEqual([{ agentId: MAIL.id, by: 25_000_000_000, reason: 'To finish the work: $45.20 of $50.00 spent, 23 of 100 leads done' }])
    expect(agents.selected?.id).toBe(LEAD.id)
  })

  it('say why it was not taken', async () => {
    const { room, notices, press } = await setUp({ budgets: [WARNED] })
    room.answer('budget.raise', () => {
      throw new AppError('FORBIDDEN', 'A budget is at most $1,000,000.00.')
    })
    press('approve')
    await settle()
    expect(notices.notices[0]?.sentence).toBe('A budget is at most $1,000,000.00.')
  })

  it('lead to the dialogs of their agent for another sum, or for a no', async () => {
    const { agents, budgets, press } = await setUp({ budgets: [{ ...WARNED, parked: [sampleParked()] }] })
    press('other')
    await settle()
    expect([agents.selected?.id, budgets.asked]).toEqual([MAIL.id, { decision: 'raise', agentId: MAIL.id }])
    press('decline')
    await settle()
    expect(budgets.asked?.decision).toBe('decline')
  })

  it('offer a viewer no decision', async () => {
    const { words } = await setUp({ role: 'viewer', budgets: [WARNED] })
    expect(words()).toEqual(['Show the cost'])
  })

  it('are held while there is no connection', async () => {
    const { room, notices, actions } = await setUp({ budgets: [WARNED] })
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 9_000 })
    const [first] = notices.notices
    expect(first && actions.actionsOf(first).map(({ isHeld }) => isHeld)).toEqual([true, true, false])
  })

  it('stay away from where the call that waits stands with its buttons already', async () => {
    const { agents, notices, change } = await setUp({ budgets: [WARNED] })
    agents.select(MAIL.id)
    await change({ ...WARNED, parked: [sampleParked()] })
    expect([notices.shown.length, notices.notices.length]).toEqual([0, 1])
  })
})
