import { describe, expect, it } from 'vitest'
import type { AgentMetrics } from '../../shared/contract/agents.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Attempt, Call, Receipt } from '../../shared/domain/llm.ts'
import { sampleAgent, samplePlan } from '../../shared/domain/testAgents.ts'
import { adviseAboutParked, adviseAtLimit, describeCosts, doubtfulCharges, hasCalls } from './costSentences.ts'

const DOLLAR = 1_000_000_000
const NO_DOUBT = { estimated: 0, counted: 0, assumed: 0 }

function budget(changes: Partial<Budget> = {}): Budget {
  return {
    agentId: 'lg-7a3f9c2d',
    limit: 50 * DOLLAR,
    spent: 5_290_000_000,
    reserved: 0,
    running: 0,
    calls: 23,
    openCalls: 0,
    parked: [],
    isWarned: false,
    isExhausted: false,
    progress: { done: 23, total: 100, unit: 'lead', failed: 0 },
    unit: 'lead',
    average: 230_000_000,
    projection: 23 * DOLLAR,
    recommendedIncrease: 25 * DOLLAR,
    savedAgainstBaseline: null,
    ...changes,
  }
}

function metrics(changes: Partial<AgentMetrics> = {}): AgentMetrics {
  return {
    agentId: 'lg-7a3f9c2d',
    status: 'stopped',
    uptimeMs: 0,
    restarts: 0,
    processes: 0,
    residentBytes: 0,
    cpuMs: 0,
    outputBytes: 0,
    budget: budget(),
    usedPercent: 10.6,
    formatted: { spent: '$5.29', limit: '$50.00', used: '10.6%', average: '$0.23 avg/lead', projection: 'Projection: $23.00 total', baseline: null, progress: null, success: null, rate: null, p50: null, p95: null, p99: null, cacheHits: null, uptime: null, blocked: null, saved: null, viaFallback: null },
    models: [],
    refusals: {},
    ...changes,
  }
}

const row = (key: string, cost: number) => ({ key, calls: 2, inputTokens: 1_234, outputTokens: 56, cachedTokens: 0, reasoningTokens: 0, cost })

describe('what a run has cost', () => {
  it('is one line where there is no more to say', () => {
    const done = metrics({ budget: budget({ progress: { done: 100, total: 100, unit: 'lead', failed: 0 } }) })
    expect(describeCosts(done, NO_DOUBT)).toEqual(['$5.29 of $50.00 spent (10.6%) in 23 calls, $0.23 avg/lead'])
  })

  it('tells the projection of what is unfinished, and the baseline', () => {
    const formatted = { ...metrics().formatted, baseline: 'vs Baseline: $64.86 saved' }
    expect(describeCosts(metrics({ formatted }), NO_DOUBT).slice(1)).toEqual(['Projection: $23.00 total', 'vs Baseline: $64.86 saved'])
    const unknown = metrics({ budget: budget({ progress: null }) })
    expect(describeCosts(unknown, NO_DOUBT)).toHaveLength(1)
  })

  it('lists models that were used, refusals and doubtful charges', () => {
    const models = [row('gpt-4', 3_600_000), row('gpt-3.5-turbo', 2 * DOLLAR), { ...row('gpt-9', 0), inputTokens: 0, outputTokens: 0 }, { ...row('gpt-1', 1), inputTokens: 1 }]
    const told = metrics({ models, refusals: { budget: 2, 'no-key': 1 }, budget: budget({ progress: null }) })
    expect(describeCosts(told, { estimated: DOLLAR, counted: 2_000_000, assumed: 3 * DOLLAR }).slice(1)).toEqual([
      '  gpt-4          $0.0036  2 calls, 1,234 tokens in, 56 out',
      '  gpt-3.5-turbo  $2.00  2 calls, 1,234 tokens in, 56 out',
      '  gpt-1          $0.000000001  2 calls, 1 token in, 56 out',
      '3 calls refused: 2 over the budget, 1 no API key',
      'of this, $1.00 is priced at the dearest there is: the model stands in no price list',
      'of this, $0.002 is counted here: the provider did not say what was used',
      'of this, $3.00 is the worst case: the control room ended during those calls',
    ])
  })

  it('tells of a model that nobody answered for, though that cost nothing', () => {
    const models = [{ ...row('gpt-4', 0), calls: 0, inputTokens: 0, outputTokens: 0 }]
    const failed = metrics({ budget: budget({ calls: 0, progress: null }), models })
    expect(hasCalls(failed)).toBe(true)
    expect(describeCosts(failed, NO_DOUBT).slice(1)).toEqual(['  gpt-4  no call was answered'])
  })

  it('is nothing only when nothing was asked', () => {
    expect(hasCalls(metrics({ budget: budget({ calls: 0 }) }))).toBe(false)
    expect(hasCalls(metrics({ budget: budget({ calls: 0 }), refusals: { budget: 1 } }))).toBe(true)
    expect(hasCalls(metrics())).toBe(true)
  })
})

describe('doubtful charges', () => {
  const attempt = (receipt: Partial<Receipt> | null): Attempt => ({
    startedAt: 0,
    reserved: 0,
    durationMs: 0,
    status: 200,
    problem: null,
    receipt: receipt && { pricedAs: 'gpt-4', lines: [], total: 0, basis: 'reported', isPriceEstimated: false, ...receipt },
  })

  it('are summed over every attempt, each kind by itself', () => {
    const calls = [
      { attempts: [attempt(null), attempt({ total: 1, basis: 'counted' }), attempt({ total: 2, basis: 'assumed', isPriceEstimated: true })] },
      { attempts: [attempt({ total: 4, isPriceEstimated: true }), attempt({ total: 8 })] },
    ] as Call[]
    expect(doubtfulCharges(calls)).toEqual({ counted: 1, assumed: 2, estimated: 6 })
  })
})

it('advice names what to type', () => {
  const agent = sampleAgent({ plan: samplePlan() })
  expect(adviseAtLimit(agent, budget())).toBe(
    'lead_gen_agent.py was ended because its budget of $50.00 is used up: start it again with a larger one, such as --budget 75.',
  )
  expect(adviseAboutParked(budget({ recommendedIncrease: 2_500_000_000 }))).toBe(
    'Decide with: iron_cage raise lg-7a3f9c2d --by 2.50 --reason TEXT, or: iron_cage decline lg-7a3f9c2d --reason TEXT',
  )
})
