import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventOf } from '../../shared/domain/event.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { sampleBudget } from '../cost/testBudgets.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from './agents.ts'
import { useBreakdownStore } from './breakdown.ts'
import { useBudgetsStore } from './budgets.ts'

const LEAD = sampleAgent({ createdAt: 2 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', createdAt: 1 })

const spent = (seq: number, amount: number): EventOf<'budget.changed'> => ({
  seq,
  at: seq,
  severity: 'DEBUG',
  agentId: LEAD.id,
  message: 'Spent.',
  name: 'budget.changed',
  payload: { budget: sampleBudget({ spent: amount }) },
})

async function setUp() {
  const room = createTestRoom()
  const { use } = createTestApp(room)
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: 0 }))
  room.answer('budget.list', () => ({ budgets: [sampleBudget()], seq: 0 }))
  room.answer('cost.breakdown', ({ agentId = '' }) => ({
    rows: [{ key: agentId, calls: 1, inputTokens: 1, outputTokens: 1, cachedTokens: 0, reasoningTokens: 0, cost: 1 }],
    total: 1,
  }))
  const agents = use(useAgentsStore)
  const budgets = use(useBudgetsStore)
  const breakdown = use(useBreakdownStore)
  await Promise.all([agents.view.load(), budgets.view.load()])
  await settle()
  return { room, agents, budgets, breakdown }
}

describe('the costs by model', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('are asked for only while somebody looks', async () => {
    const { room, budgets, breakdown } = await setUp()
    budgets.view.receive([spent(1, 6_000_000_000)])
    await settle()
    expect(room.asked('cost.breakdown')).toEqual([])
    breakdown.isWatched = true
    await settle()
    expect(room.asked('cost.breakdown')).toEqual([{ by: 'model', agentId: LEAD.id }])
    expect(breakdown.rows?.map((row) => row.key)).toEqual([LEAD.id])
  })

  it('are asked for once a second however much is spent, and once more at the end', async () => {
    const { room, budgets, breakdown } = await setUp()
    breakdown.isWatched = true
    await settle()
    for (let seq = 1; seq <= 20; seq++) {
      budgets.view.receive([spent(seq, 6_000_000_000 + seq)])
      await settle()
    }
    expect(room.asked('cost.breakdown')).toHaveLength(1)
    vi.advanceTimersByTime(1_000)
    await settle()
    expect(room.asked('cost.breakdown')).toHaveLength(2)
    vi.advanceTimersByTime(10_000)
    await settle()
    expect(room.asked('cost.breakdown')).toHaveLength(2)
  })

  it('are those of the agent that is looked at, at once', async () => {
    const { room, agents, breakdown } = await setUp()
    breakdown.isWatched = true
    await settle()
    agents.select(OTHER.id)
    await settle()
    expect(breakdown.rows?.map((row) => row.key)).toEqual([OTHER.id])
    expect(room.asked('cost.breakdown')).toHaveLength(2)
  })
})
