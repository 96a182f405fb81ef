import { describe, expect, it } from 'vitest'
import { formatPercentile, formatSeconds, formatSuccess, formatThroughput, formatTimeLeft, formatWork, pointOf } from './formatPerformance.ts'

describe('an agent’s work as people read it', () => {
  it.each([
    [23, 100, 'lead', '23 / 100 leads (23%)'],
    [0, 100, 'lead', '0 / 100 leads (0%)'],
    [999, 1_000, 'lead', '999 / 1,000 leads (99%)'],
    [1_000, 1_000, 'lead', '1,000 / 1,000 leads (100%)'],
    [1, 1, 'lead', '1 / 1 lead (100%)'],
    [23, null, 'lead', '23 leads'],
    [1, null, 'call', '1 call'],
  ])('%d of %s %ss is %s', (done, total, unit, text) => {
    expect(formatWork(done, total, unit)).toBe(text)
  })

  it.each([
    [23, 0, '100% (23/23)'],
    [67, 2, '97% (65/67)'],
    [1_000, 1, '99% (999/1000)'],
    [3, 3, '0% (0/3)'],
    [3, 5, '0% (0/3)'],
    [0, 0, null],
  ])('%d done with %d failed is %s', (done, failed, text) => {
    expect(formatSuccess(done, failed)).toBe(text)
  })

  it.each([
    [212, 'lead', '212 leads/hour'],
    [211.6, 'lead', '212 leads/hour'],
    [1, 'lead', '1 lead/hour'],
    [27_226.4, 'call', '27,226 calls/hour'],
  ])('%d an hour of %s is %s', (perHour, unit, text) => {
    expect(formatThroughput(perHour, unit)).toBe(text)
  })

  it.each([
    [50, 1_400, 'P50: 1.4s'],
    [95, 2_100, 'P95: 2.1s'],
    [99, 850, 'P99: 850ms'],
  ])('the %dth percentile of %d ms is %s', (percent, length, text) => {
    expect(formatPercentile(percent, length)).toBe(text)
  })

  it('has seconds from the first whole one on', () => {
    expect([0, 999.4, 999.5, 1_000, 61_000].map(formatSeconds)).toEqual(['0ms', '999ms', '1.0s', '1.0s', '61.0s'])
  })

  it('tells how long it still takes, where that can be told', () => {
    expect(formatTimeLeft({ done: 23, total: 100, perHour: 210 })).toBe('about 22 min left')
    expect(formatTimeLeft({ done: 99, total: 100, perHour: 1_000_000 })).toBe('about 1 s left')
    for (const unknown of [{ total: null }, { perHour: null }, { perHour: 0 }, { done: 100 }]) {
      expect(formatTimeLeft({ done: 23, total: 100, perHour: 210, ...unknown })).toBeNull()
    }
  })

  it('is a moment of its history, also before anything was measured', () => {
    expect(pointOf(7, { done: 23, perHour: 212, latency: { p50: 1, p95: 2, p99: 3, samples: 23 } })).toEqual({ at: 7, done: 23, perHour: 212, p50: 1, p95: 2, p99: 3 })
    expect(pointOf(7, { done: 0, perHour: null, latency: null })).toEqual({ at: 7, done: 0, perHour: null, p50: null, p95: null, p99: null })
  })
})
