import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recommendedIncrease } from './increase.ts'
import { LARGEST_BUDGET } from './money.ts'

const DOLLAR = 1_000_000_000

describe('recommendedIncrease', () => {
  it.each([
    ['half the limit, where the projection asks for less', 50 * DOLLAR, 52_940_000_000, 0, 25 * DOLLAR],
    ['a tenth more than the projection, where that is more', 50 * DOLLAR, 100 * DOLLAR, 0, 100 * DOLLAR],
    ['just a round sum', 50 * DOLLAR, Math.round(50 * DOLLAR * 1.5) - 1, 0, 50 * DOLLAR],
    ['half the limit, where nobody can tell', 100 * DOLLAR, null, 0, 50 * DOLLAR],
    ['half of an odd limit, rounded up', 3 * DOLLAR, null, 0, 2_500_000_000],
    ['enough for the call that waits', 10_000_000, null, 120_000_000, 250_000_000],
    ['cents for cents', 10_000_000, null, 0, 5_000_000],
    ['nanodollars for nanodollars', 3, null, 0, 5],
    ['a dollar, where there was nothing', 0, null, 0, DOLLAR],
    ['no more than a budget may be', LARGEST_BUDGET - 5, null, 0, 5],
    ['nothing at the very end', LARGEST_BUDGET, LARGEST_BUDGET, 0, 0],
  ])('is %s', (_name, limit, projection, shortfall, increase) => {
    expect(recommendedIncrease({ limit, projection, shortfall })).toBe(increase)
  })

  it('covers what it should, with a round sum, whatever the figures', () => {
    const money = fc.integer({ min: 1, max: LARGEST_BUDGET / 10 })
    fc.assert(
      fc.property(money, fc.option(money), money, (limit, projection, shortfall) => {
        const increase = recommendedIncrease({ limit, projection, shortfall })
        expect(increase * 2).toBeGreaterThanOrEqual(limit)
        expect(increase).toBeGreaterThanOrEqual(shortfall)
        if (projection !== null) expect(BigInt(limit + increase) * 10n).toBeGreaterThanOrEqual(BigInt(projection) * 11n)
        expect(String(increase)).toMatch(/^(1|25|5)0*$/)
      }),
    )
  })
})
