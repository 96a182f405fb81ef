import { describe, expect, it } from 'vitest'
import { parsePerMillion, timesFactor } from './dollars.ts'

describe('parsePerMillion', () => {
  it.each([
    ['30', 30_000_000_000],
    ['0.0125', 12_500_000],
    ['0.000000001', 1],
    ['25000', 25_000_000_000_000],
    ['0', 0],
  ])('reads %s exactly', (text, nanodollars) => {
    expect(parsePerMillion(text)).toBe(nanodollars)
  })

  it.each(['', '$3', '-1', '1e3', '.5', '1.', '0.0000000001', '12345678', ' 3', '3,5'])('refuses "%s"', (text) => {
    expect(parsePerMillion(text)).toBeNull()
  })
})

describe('timesFactor', () => {
  it('multiplies exactly', () => {
    expect(timesFactor(250_000_000, '1.1')).toBe(275_000_000)
    expect(timesFactor(30_000_000_000, '0.5')).toBe(15_000_000_000)
  })

  it('rounds up what does not come out even', () => {
    expect(timesFactor(1, '0.5')).toBe(1)
  })

  it('stays exact where numbers no longer are', () => {
    expect(timesFactor(10_000_000_000_001, '99.9999')).toBe(999_999_000_000_100)
  })

  it('refuses what is no factor', () => {
    expect(timesFactor(1, '1.12345')).toBeNull()
    expect(timesFactor(1, 'twice')).toBeNull()
  })
})
