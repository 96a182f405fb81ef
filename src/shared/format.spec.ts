import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LARGEST_BUDGET, parseDollars } from './domain/money.ts'
import { formatBytes, formatClock, formatCount, formatDuration, formatExactDollars, formatMoment, formatMoney } from './format.ts'

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
