// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SpendPoint } from '../../shared/contract/costs.ts'
import type { EventOf } from '../../shared/domain/event.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { AppError } from '../../shared/errors.ts'
import { sampleBudget } from '../cost/testBudgets.ts'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'
import { useSpendingStore } from './spending.ts'

const DOLLAR = 1_000_000_000
const LEAD = sampleAgent({ id: 'lg-7a3f9c2d', status: 'running', createdAt: 2_000 })
const OTHER = sampleAgent({ id: 'mt-9c0d11fe', status: 'stopped', createdAt: 1_000 })
const point = (seconds: number, dollars: number): SpendPoint => ({ at: seconds * 1_000, spent: dollars * DOLLAR, calls: dollars })
/** An event’s moment is its place in seconds here. */
const spent = (seconds: number, dollars: number, agentId = LEAD.id): EventOf<'budget.changed'> => ({
  seq: seconds,
  at: seconds * 1_000,
  severity: 'DEBUG',
  agentId,
  message: 'Spent.',
  name: 'budget.changed',
  payload: { budget: sampleBudget({ agentId, spent: dollars * DOLLAR, calls: dollars, projection: 40 * DOLLAR }) },
})

async function open() {
  const room = createTestRoom()
  const answers: ((points: SpendPoint[]) => void)[] = []
  room.answer('room.identity', () => {
    throw new AppError('INTERNAL', 'Nobody asks here.')
  })
  room.answer('agent.list', () => ({ agents: [LEAD, OTHER], seq: 5 }))
  room.answer('budget.list', () => ({ budgets: [sampleBudget({ spent: 0 })], seq: 5 }))
  room.answer('cost.history', () => new Promise((resolve) => answers.push((points) => resolve({ points, seq: 5 }))))
  const { use } = createTestApp(room)
  const agents = use(useAgentsStore)
  const budgets = use(useBudgetsStore)
  const spending = use(useSpendingStore)
  await Promise.all([agents.view.load(), budgets.view.load()])
  await settle()
  const seen = (): [number, number][] => spending.points.map((one) => [one.at / 1_000, one.spent / DOLLAR])
  return { room, agents, budgets, spending, answers, seen }
}

describe('what the selected agent has spent by when', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 60_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('begins with nothing, goes on with the ledger, and then with what comes', async () => {
    const { spending, answers, seen } = await open()
    spending.view.receive([spent(12, 3), spent(13, 9, OTHER.id)])
    expect(seen()).toEqual([])
    answers[0]?.([point(10, 1), point(11, 2)])
    await settle()
    spending.view.receive([spent(14, 4)])
    expect(seen()).toEqual([[2, 0], [10, 1], [11, 2], [12, 3], [14, 4]])
  })

  it('is the same line for a page that comes late', async () => {
    const early = await open()
    early.answers[0]?.([])
    await settle()
    for (let second = 10; second < 20; second++) early.spending.view.receive([spent(second, second - 9)])
    const late = await open()
    late.answers[0]?.(Array.from({ length: 10 }, (_, index) => point(10 + index, index + 1)))
    await settle()
    expect(late.seen()).toEqual(early.seen())
  })

  it('is that of another as soon as another is looked at', async () => {
    const { agents, spending, answers, seen } = await open()
    agents.select(OTHER.id)
    await settle()
    answers[1]?.([point(20, 7)])
    answers[0]?.([point(10, 1)])
    await settle()
    spending.view.receive([spent(21, 1), spent(22, 8, OTHER.id)])
    expect(seen()).toEqual([[1, 0], [20, 7], [22, 8]])
    expect([spending.pace, spending.course, spending.past.at(-1)?.at]).toEqual([null, null, 22_000])
  })

  it('goes on with what comes where the past cannot be had', async () => {
    const { room, spending, seen } = await open()
    room.answer('cost.history', () => {
      throw new AppError('INTERNAL', 'Something went wrong.')
    })
    const again = spending.view.load()
    spending.view.receive([spent(12, 3)])
    await again
    expect(seen()).toEqual([[2, 0], [12, 3]])
  })

  it('has a pace and a course that begins at this moment', async () => {
    const { budgets, spending, answers } = await open()
    answers[0]?.([])
    await settle()
    const event = spent(6, 10)
    budgets.view.receive([event])
    spending.view.receive([event])
    expect(spending.past.at(-1)).toEqual({ at: 60_000, spent: 10 * DOLLAR, calls: 10 })
    expect(spending.pace?.perHour).toBeCloseTo((10 * DOLLAR * 3_600) / 58, 0)
    expect(spending.course?.map(({ spent: of }) => of)).toEqual([10 * DOLLAR, 40 * DOLLAR])
    expect(spending.course?.[1].at).toBe(60_000 + 3 * 58_000)
  })
})
