import { describe, expect, it } from 'vitest'
import { formatBurnRate, formatTimeToEmpty } from './formatSpending.ts'

const MINUTE = 60_000

describe('how fast money goes', () => {
  it.each([
    [48_760_000_000, '$48.76/hour'],
    [1_234_500_000_000, '$1,234.50/hour'],
    [3_600_000.4, '$0.0036/hour'],
    [0, '$0.00/hour'],
  ])('is %d as %s', (perHour, text) => {
    expect(formatBurnRate(perHour)).toBe(text)
  })

  it.each([
    [55 * MINUTE, 'Empty in 55 min'],
    [63 * MINUTE, 'Empty in 1 h 3 min'],
    [4_500, 'Empty in 4 s'],
    [300, 'Empty in 1 s'],
    [0, 'Empty now'],
    [-1, 'Empty now'],
    [30 * 24 * 60 * MINUTE, 'Empty in 30 d'],
    [30 * 24 * 60 * MINUTE + 1, 'Empty in over 30 days'],
  ])('leaves %d ms: %s', (length, text) => {
    expect(formatTimeToEmpty(length)).toBe(text)
  })
})
