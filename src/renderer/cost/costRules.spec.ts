import { describe, expect, it } from 'vitest'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { budgetNotice, timeLeft } from './budgetNotice.ts'
import { basisSentences, latencyOf } from './callLook.ts'
import { reasonProblem } from '@/lib/reason.ts'
import { increaseChoices, readIncrease, suggestedIncrease, suggestedReason } from './increaseDraft.ts'
import { outlookOf } from './outlook.ts'
import { sampleBudget, sampleParked } from './testBudgets.ts'

const DOLLAR = 1_000_000_000

describe('whether a budget will do', () => {
  it.each([
    ['on-course', {}],
    ['on-course', { projection: null }],
    ['on-course', { projection: 44.9 * DOLLAR }],
    ['near', { projection: 45 * DOLLAR }],
    ['near', { projection: null, isWarned: true, spent: 45 * DOLLAR }],
    ['near', { projection: 50 * DOLLAR }],
    ['over', { projection: 50 * DOLLAR + 1 }],
    ['over', { spent: 50 * DOLLAR + 1, projection: null }],
    ['over', { projection: 60 * DOLLAR, isExhausted: true }],
    ['at', { projection: null, isExhausted: true }],
    ['at', { projection: null, parked: [sampleParked()] }],
  ] as const)('is %s with %j', (outlook, changes) => {
    expect(outlookOf(sampleBudget({ ...changes, parked: 'parked' in changes ? [...changes.parked] : [] }))).toBe(outlook)
  })
})

describe('what has to be said about a budget', () => {
  it('is nothing while there is enough', () => {
    expect(budgetNotice(sampleBudget(), 'running')).toBeNull()
  })

  it('is a warning at nine tenths', () => {
    expect(budgetNotice(sampleBudget({ isWarned: true, spent: 45.1 * DOLLAR }), 'running')).toEqual({
      kind: 'warned',
      title: '90.2% of the budget is used',
      detail: '$45.10 of $50.00 is spent.',
    })
  })

  it('is that a call did not fit, before any warning', () => {
    expect(budgetNotice(sampleBudget({ isWarned: true, isExhausted: true, spent: 49 * DOLLAR }), 'running')?.kind).toBe('exhausted')
  })

  it('is which calls wait, for which models, at most for how much, and until when the first of them does', () => {
    const parked = [
      sampleParked({ model: 'gpt-4o-mini', worstCase: 500_000, until: 700_000 }),
      sampleParked({ callId: 'call-00000000000000bb', until: 601_000 }),
      sampleParked({ callId: 'call-00000000000000cc', until: 650_000 }),
      sampleParked({ callId: 'call-00000000000000dd', model: 'gpt-3.5-turbo', worstCase: 300_000, until: 650_000 }),
    ]
    expect(budgetNotice(sampleBudget({ isExhausted: true, parked }), 'running')).toEqual({
      kind: 'parked',
      title: '4 calls do not fit into the budget and wait for a decision',
      detail: '2 × gpt-4, at most $0.12; gpt-4o-mini, at most $0.0005; and 1 other model.',
      until: 601_000,
    })
    expect(budgetNotice(sampleBudget({ parked: parked.slice(1, 2) }), 'running')?.title).toBe('1 call does not fit into the budget and waits for a decision')
  })

  it('is nothing more when the agent has ended, unless its budget has ended it', () => {
    const warned = sampleBudget({ isWarned: true, isExhausted: true })
    expect(budgetNotice(warned, 'stopped')).toBeNull()
    expect(budgetNotice(warned, 'over-budget')?.kind).toBe('exhausted')
  })

  it('counts down to nothing', () => {
    expect(timeLeft(601_000, 1_000)).toBe('10 min')
    expect(timeLeft(601_000, 2_100)).toBe('9 min 59 s')
    expect(timeLeft(601_000, 600_999)).toBe('1 s')
    expect(timeLeft(601_000, 700_000)).toBe('0 s')
  })
})

describe('an increase', () => {
  it('is read as one types it', () => {
    expect(readIncrease('25', 50 * DOLLAR)).toEqual({ by: 25 * DOLLAR, problem: null })
    expect(readIncrease(' $0.50 ', 50 * DOLLAR).by).toBe(500_000_000)
  })

  it.each(['', '0', '0.00', 'abc', '-5', '1e3', '1,000'])('is none as "%s"', (text) => {
    expect(readIncrease(text, 50 * DOLLAR)).toEqual({ by: null, problem: 'Write an amount in dollars, such as 25 or 0.50.' })
  })

  it('ends where budgets end', () => {
    expect(readIncrease('999950', 50 * DOLLAR).by).toBe(999_950 * DOLLAR)
    expect(readIncrease('999951', 50 * DOLLAR).problem).toBe('A budget is at most $1,000,000.00.')
  })

  it('has a reason of at least three characters', () => {
    expect(reasonProblem(' ab ')).toContain('at least 3')
    expect(reasonProblem('abc')).toBeNull()
    expect(reasonProblem('a'.repeat(501))).toContain('at most 500')
  })

  it('is one of some round sums, the recommended one first', () => {
    expect(increaseChoices(sampleBudget())).toEqual([25 * DOLLAR, 50 * DOLLAR, 100 * DOLLAR])
    expect(increaseChoices(sampleBudget({ limit: 999_900 * DOLLAR, recommendedIncrease: 50 * DOLLAR }))).toEqual([50 * DOLLAR, 100 * DOLLAR])
    expect(increaseChoices(sampleBudget({ recommendedIncrease: 0 }))).toEqual([])
  })

  it('begins with what is recommended, and why', () => {
    expect(suggestedIncrease(sampleBudget())).toBe('25.00')
    expect(suggestedReason(sampleBudget({ spent: 45.1 * DOLLAR }))).toBe('To finish the work: $45.10 of $50.00 spent, 23 of 100 leads done')
    expect(suggestedReason(sampleBudget({ progress: null }))).toBe('To finish the work: $5.29 of $50.00 spent')
  })
})

describe('a call', () => {
  it('tells its latency to the first byte and to the last', () => {
    expect(latencyOf(sampleCall({ firstByteMs: 210, durationMs: 1_250 }))).toBe('210 ms → 1.2 s')
    expect(latencyOf(sampleCall({ firstByteMs: null, durationMs: 90 }))).toBe('90 ms')
    expect(latencyOf(sampleCall({ firstByteMs: 90, durationMs: 90 }))).toBe('90 ms')
  })

  it('says once each how its counts are known, and that a price is estimated', () => {
    const attempts = [
      sampleAttempt({ receipt: sampleReceipt(1, { basis: 'counted' }) }),
      sampleAttempt({ receipt: sampleReceipt(1, { basis: 'counted' }) }),
      sampleAttempt({ receipt: sampleReceipt(1, { basis: 'assumed', isPriceEstimated: true }) }),
      sampleAttempt({ receipt: null }),
    ]
    expect(basisSentences(sampleCall({ attempts }))).toEqual([
      'The provider gave no counts; these were counted here.',
      'Nobody could tell what was used, so the worst case is charged.',
      'The price is estimated: it is the dearest there is, for no list has this one.',
    ])
  })
})
