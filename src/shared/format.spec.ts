import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LARGEST_BUDGET, parseDollars } from './domain/money.ts'
import {
  formatAverage,
  formatBaseline,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatExactDollars,
  formatIncrease,
  formatLatency,
  formatMoment,
  formatMoney,
  formatSpent,
  formatPercent,
  formatProjection,
  formatSmallMoney,
  formatTokens,
  tenthsOfPercent,
} from './format.ts'

describe('formatMoney', () => {
  it.each([
    [0, '$0.00'],
    [5_290_000_000, '$5.29'],
    [30_000_000, '$0.03'],
    [4_999_999, '$0.00'],
    [5_000_000, '$0.01'],
    [-30_000_000, '-$0.03'],
    [-1, '$0.00'],
    [1_234_500_000_000, '$1,234.50'],
    [1_000_000_000_000_000, '$1,000,000.00'],
    [999_995_000_000, '$1,000.00'],
  ])('shows %d nanodollars as %s', (amount, text) => {
    expect(formatMoney(amount)).toBe(text)
  })
})

describe('formatSpent', () => {
  it.each([
    [5_290_000_000, 50_000_000_000, '$5.29'],
    [5_291_000_000, 50_000_000_000, '$5.29'],
    [44_820_000, 50_000_000, '$0.0448'],
    [75_853_350, 93_000_000, '$0.0759'],
    [17_700, 50_000_000_000, '$0.000018'],
    [1_200_000, 120_000_000, '$0.0012'],
    [3_600_000, 50_000_000_000, '$0.0036'],
    [0, 50_000_000_000, '$0.00'],
    [1_004_000_000, 500_000_000, '$1.00'],
  ])('%i of %i is %s', (spent, limit, text) => {
    expect(formatSpent(spent, limit)).toBe(text)
  })
})

describe('formatExactDollars', () => {
  it.each([
    [50_000_000_000, '50.00'],
    [250_000_000, '0.25'],
    [125_000, '0.000125'],
    [1, '0.000000001'],
  ])('shows %d nanodollars as %s', (amount, text) => {
    expect(formatExactDollars(amount)).toBe(text)
  })

  it('is read back to the same amount, whatever the amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LARGEST_BUDGET }), (amount) => {
        expect(parseDollars(formatExactDollars(amount))).toBe(amount)
      }),
    )
  })
})

describe('what a budget looks like', () => {
  it.each([
    [3_600_000, '$0.0036'],
    [41_100_000, '$0.0411'],
    [120_000_000, '$0.12'],
    [0, '$0.00'],
    [1, '$0.000000001'],
    [999_999_999, '$0.999999999'],
    [1_000_000_001, '$1.00'],
    [-3_600_000, '-$0.0036'],
  ])('shows a call of %d nanodollars as %s', (amount, text) => {
    expect(formatSmallMoney(amount)).toBe(text)
  })

  it.each([
    [230_000_000, 'lead', '$0.23 avg/lead'],
    [3_600_000, 'call', '$0.0036 avg/call'],
    [3_649_999, 'call', '$0.0036 avg/call'],
    [9_999_999, 'call', '$0.01 avg/call'],
    [15, 'call', '$0.000000015 avg/call'],
    [7, 'call', '$0.000000007 avg/call'],
    [0, 'page', '$0.00 avg/page'],
  ])('shows an average of %d nanodollars a %s as %s', (average, unit, text) => {
    expect(formatAverage(average, unit)).toBe(text)
  })

  it.each([
    [5_290_000_000, 50_000_000_000, '10.6%'],
    [0, 50_000_000_000, '0.0%'],
    [45_000_000_000, 50_000_000_000, '90.0%'],
    [50_000_000_001, 50_000_000_000, '100.0%'],
    [1_000_000_000_000_000, 1_000_000_000_000_000, '100.0%'],
    [999_499_999_999_999, 1_000_000_000_000_000, '99.9%'],
    [999_500_000_000_000, 1_000_000_000_000_000, '100.0%'],
    [600_000_000_000, 50_000_000_000, '1,200.0%'],
    [0, 0, '0.0%'],
    [1, 0, '100.0%'],
  ])('shows %d of %d as %s', (part, whole, text) => {
    expect(formatPercent(part, whole)).toBe(text)
  })

  it('never counts a share as more than the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LARGEST_BUDGET - 1 }), fc.integer({ min: 1, max: LARGEST_BUDGET }), (part, whole) => {
        expect(tenthsOfPercent(part, whole)).toBeLessThanOrEqual(tenthsOfPercent(part + 1, whole))
      }),
    )
  })

  it.each([
    [64_860_000_000, 'vs Baseline: $64.86 saved'],
    [-3_100_000_000, 'vs Baseline: $3.10 more'],
    [0, 'vs Baseline: $0.00 saved'],
  ])('compares %d nanodollars: %s', (saved, text) => {
    expect(formatBaseline(saved)).toBe(text)
  })

  it.each([
    [25_000_000_000, 'Approve $25 increase'],
    [2_500_000_000, 'Approve $2.50 increase'],
    [250_000_000, 'Approve $0.25 increase'],
    [5_000_000, 'Approve $0.005 increase'],
    [2_500_000_000_000, 'Approve $2,500 increase'],
  ])('asks for %d nanodollars: %s', (amount, text) => {
    expect(formatIncrease(amount)).toBe(text)
  })

  it('shows projections, tokens and latencies', () => {
    expect(formatProjection(23_000_000_000)).toBe('Projection: $23.00 total')
    expect([0, 85, 1234, 1_234_567].map(formatTokens)).toEqual(['0', '85', '1,234', '1,234,567'])
    expect([0, 850, 1_000, 1_299, 59_999, 65_000].map(formatLatency)).toEqual(['0 ms', '850 ms', '1.0 s', '1.2 s', '59.9 s', '1 min 5 s'])
  })
})

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [12_900, '12 s'],
    [60_000, '1 min'],
    [65_000, '1 min 5 s'],
    [3_600_000, '1 h'],
    [7_380_000, '2 h 3 min'],
    [352_800_000, '4 d 2 h'],
  ])('shows %d ms as %s', (length, text) => {
    expect(formatDuration(length)).toBe(text)
  })
})

describe('the other formats', () => {
  it('shows a moment as the clock on the wall does', () => {
    expect(formatClock(new Date(2026, 10, 21, 4, 3, 5).getTime())).toBe('04:03:05')
    expect(formatMoment(new Date(2026, 0, 2, 4, 3, 5).getTime())).toBe('2026-01-02 04:03:05')
  })

  it.each([
    [512, '512 bytes'],
    [1_200_000, '1.2 MB'],
    [40_500_000_000, '40 GB'],
    [3_000_000_000_000_000, '3000 TB'],
  ])('shows %d bytes as %s', (count, text) => {
    expect(formatBytes(count)).toBe(text)
  })

  it('counts one and many', () => {
    expect(formatCount(0, 'survivor')).toBe('0 survivors')
    expect(formatCount(1, 'survivor')).toBe('1 survivor')
    expect(formatCount(2, 'process', 'processes')).toBe('2 processes')
  })
})
