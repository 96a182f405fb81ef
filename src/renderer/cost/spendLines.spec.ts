import { describe, expect, it } from 'vitest'
import { spendLimits, spendLines, spendSummary } from './spendLines.ts'
import { sampleBudget } from './testBudgets.ts'

const PAST = [
  { at: 1_000, spent: 0, calls: 0 },
  { at: 9_000, spent: 5_290_000_000, calls: 46 },
]
const COURSE = [
  { at: 9_000, spent: 5_290_000_000 },
  { at: 40_000, spent: 23_000_000_000 },
] as const

describe('the drawing of what is spent', () => {
  it('is a line, and a dashed one for what is expected, in the colour of what comes of it', () => {
    expect(spendLines(PAST, COURSE, sampleBudget())).toMatchObject([
      { label: 'Spent', points: [{ x: 1_000, y: 0 }, { x: 9_000, y: 5_290_000_000 }] },
      { label: 'Projected', isDashed: true, tone: 'good', points: [{ x: 9_000, y: 5_290_000_000 }, { x: 40_000, y: 23_000_000_000 }] },
    ])
    expect(spendLines(PAST, COURSE, sampleBudget({ projection: 46_000_000_000 }))[1]?.tone).toBe('caution')
    expect(spendLines(PAST, COURSE, sampleBudget({ projection: 60_000_000_000 }))[1]?.tone).toBe('bad')
    expect(spendLines(PAST, null, sampleBudget())).toHaveLength(1)
  })

  it('has a line at nine tenths and one at the limit', () => {
    expect(spendLimits(sampleBudget())).toEqual([
      { label: '90 %', tone: 'caution', at: 45_000_000_000 },
      { label: 'Limit $50.00', tone: 'bad', at: 50_000_000_000 },
    ])
  })

  it('is said in words', () => {
    expect(spendSummary(sampleBudget())).toBe('$5.29 of $50.00 spent, 10.6%. Projection: $23.00 total: on course.')
    expect(spendSummary(sampleBudget({ projection: null }))).toBe('$5.29 of $50.00 spent, 10.6%.')
  })
})
