import { expect, it } from 'vitest'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import type { Performance } from '../../shared/domain/report.ts'
import { sampleBudget, sampleParked } from '@/cost/testBudgets.ts'
import { sampleStatus } from '@/safety/testSafety.ts'
import { fleetOf } from './fleet.ts'

const A = sampleAgent({ id: 'aa-00000001' })
const B = sampleAgent({ id: 'bb-00000002', status: 'crashed' })
const work = (agentId: string, changes: Partial<Performance>): [string, Performance] => [agentId, { agentId, unit: 'lead', done: 23, total: 100, ...changes } as Performance]
const byTerm = (...given: Parameters<typeof fleetOf>): Record<string, string> => Object.fromEntries(fleetOf(...given).map(({ term, value }) => [term, value]))

it('adds up what all agents have spent, done and kept out', () => {
  const budgets = new Map([[A.id, sampleBudget({ agentId: A.id, spent: 5_290_000_000 })], [B.id, sampleBudget({ agentId: B.id, spent: 0 })]])
  const status = sampleStatus({ agentId: A.id })
  const safety = new Map([[A.id, { ...status, counts: { ...status.counts, redacted: 2, blocked: 1 } }]])
  expect(byTerm([A, B], budgets, new Map([work(A.id, {}), work(B.id, { done: 1 })]), safety)).toEqual({
    Running: '1 of 2',
    'Need you': '1',
    Spent: '$5.29 / $100.00',
    Used: '5.3%',
    Done: '24 / 200 leads (12%)',
    'PII blocked': '3',
  })
})

it('counts an agent whose call waits among those that need somebody', () => {
  const budgets = new Map([[A.id, sampleBudget({ agentId: A.id, parked: [sampleParked()] })]])
  expect(byTerm([A], budgets, new Map(), new Map())['Need you']).toBe('1')
})

it('says nothing of work that nobody has told, and adds no leads to mails', () => {
  expect(byTerm([A, B], new Map(), new Map(), new Map())).not.toHaveProperty('Done')
  expect(byTerm([A, B], new Map(), new Map([work(A.id, {}), work(B.id, { unit: 'mail' })]), new Map())).not.toHaveProperty('Done')
  expect(byTerm([A, B], new Map(), new Map([work(A.id, {}), work(B.id, { total: null })]), new Map())['Done']).toBe('46 leads')
})

it('counts the limit of one that has not called yet as it was planned', () => {
  expect(byTerm([sampleAgent({ plan: samplePlan({ budget: 2_000_000_000 }) })], new Map(), new Map(), new Map())['Spent']).toBe('$0.00 / $2.00')
})
