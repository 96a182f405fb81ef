import { describe, expect, it } from 'vitest'
import { formatBlocked, formatBreaker, formatCacheHits, formatCooldown, formatSaved, formatService, formatViaFallback } from './formatService.ts'

describe('services as people read them', () => {
  it.each([[66, 'lead', '66 leads'], [1, 'lead', '1 lead'], [0, 'call', '0 calls']])('%d of %s blocked is %s', (count, unit, text) => {
    expect(formatBlocked(count, unit)).toBe(text)
  })

  it.each([[6_600_000_000, '$6.60 saved'], [0, null]])('%d nanodollars saved is %s', (amount, text) => {
    expect(formatSaved(amount)).toBe(text)
  })

  it.each([
    [{ primary: 10, cached: 0, placeholder: 0, custom: 0, failed: 0 }, null],
    [{ primary: 10, cached: 40, placeholder: 8, custom: 1, failed: 1 }, '98% via fallback'],
    [{ primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 3 }, '0% via fallback'],
    [{ primary: 0, cached: 9_999, placeholder: 0, custom: 0, failed: 1 }, '99% via fallback'],
    [{ primary: 5, cached: 0, placeholder: 3, custom: 0, failed: 0 }, '100% via fallback'],
  ])('%j is %s', (served, text) => {
    expect(formatViaFallback(served)).toBe(text)
  })

  it.each([
    [{ primary: 66, cached: 34, placeholder: 0, custom: 0, failed: 0 }, '34%'],
    [{ primary: 999, cached: 1, placeholder: 0, custom: 0, failed: 0 }, '1%'],
    [{ primary: 0, cached: 999, placeholder: 0, custom: 0, failed: 1 }, '99%'],
    [{ primary: 0, cached: 3, placeholder: 0, custom: 0, failed: 0 }, '100%'],
    [{ primary: 1, cached: 0, placeholder: 1, custom: 1, failed: 1 }, '0%'],
    [{ primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 }, null],
  ])('of %j the cache has answered %s', (served, text) => {
    expect(formatCacheHits(served)).toBe(text)
  })

  it.each([[500, '500 ms'], [60_000, '60 s'], [59_001, '60 s'], [120_000, '2 min'], [119_001, '2 min'], [3_599_998, '1 h']])('a cooldown of %d ms is %s', (length, text) => {
    expect(formatCooldown(length)).toBe(text)
  })

  it('a breaker says what it waits for', () => {
    expect(formatBreaker('closed', null, 0)).toBe('closed')
    expect(formatBreaker('open', 42_000, 0)).toBe('open for 42 s')
    expect(formatBreaker('half-open', 10, 20)).toBe('half-open, waits for a call')
    expect(formatBreaker('half-open', 30, 20)).toBe('half-open, one call tries it')
    expect([formatService('linkedin', ''), formatService('linkedin', '/v2/people')]).toEqual(['linkedin', 'linkedin /v2/people'])
  })
})
