import { describe, expect, it } from 'vitest'
import { LARGEST_BUDGET } from '../../shared/domain/money.ts'
import { formatAverage, formatPercent, formatProjection } from '../../shared/format.ts'
import { averageCost, isNearlySpent, projectCost, savedAgainstBaseline } from './projection.ts'

const DOLLAR = 1_000_000_000

describe('23 of 100 leads at $5.29 of $50.00', () => {
  const spent = 5_290_000_000
  it('costs $0.23 a lead, will cost $23.00, and has used 10.6%', () => {
    expect(formatAverage(averageCost(spent, 23) as number, 'lead')).toBe('$0.23 avg/lead')
    expect(formatProjection(projectCost(spent, 23, 100) as number)).toBe('Projection: $23.00 total')
    expect(formatPercent(spent, 50 * DOLLAR)).toBe('10.6%')
  })

  it('is $64.86 cheaper than at $3.05 a lead', () => {
    expect(savedAgainstBaseline(spent, 23, 3_050_000_000)).toBe(64_860_000_000)
  })
})

describe('averageCost', () => {
  it.each([
    [0, 0, null],
    [7, 0, null],
    [0, 3, 0],
    [10, 4, 3],
    [9, 4, 2],
    [1, 3, 0],
    [LARGEST_BUDGET, 1, LARGEST_BUDGET],
  ])('of %d over %d is %s', (spent, done, average) => {
    expect(averageCost(spent, done)).toBe(average)
  })
})

describe('projectCost', () => {
  it.each([
    [5, 0, 100, null],
    [5, 3, null, null],
    // Exact: not the rounded average times the total.
    [10, 3, 30, 100],
    [1, 3, 2, 1],
    [LARGEST_BUDGET, 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [90, 30, 20, 90],
  ])('of %d for %d of %s is %s', (spent, done, total, projection) => {
    expect(projectCost(spent, done, total)).toBe(projection)
  })
})

describe('savedAgainstBaseline', () => {
  it('is below zero when it cost more', () => {
    expect(savedAgainstBaseline(5 * DOLLAR, 10, 190_000_000)).toBe(-3_100_000_000)
  })

  it('is never more than can be counted', () => {
    expect(savedAgainstBaseline(0, Number.MAX_SAFE_INTEGER, LARGEST_BUDGET)).toBe(Number.MAX_SAFE_INTEGER)
  })
})

describe('isNearlySpent', () => {
  it.each([
    [44_999_999_999, 50 * DOLLAR, false],
    [45 * DOLLAR, 50 * DOLLAR, true],
    [899_999_999_999_999, LARGEST_BUDGET, false],
    [900_000_000_000_000, LARGEST_BUDGET, true],
    // Nine tenths of eleven are 9.9: nine are not enough.
    [9, 11, false],
    [10, 11, true],
  ])('says of %d of %d: %s', (spent, limit, isIt) => {
    expect(isNearlySpent(spent, limit)).toBe(isIt)
  })
})
