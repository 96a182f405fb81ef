import { describe, expect, it } from 'vitest'
import { delayBeforeRetry, isPassing } from './retryRule.ts'

const RULES = { attempts: 3, firstDelayMs: 500, longestDelayMs: 1_500, longestAskedMs: 60_000 }
const NOW = Date.UTC(2026, 10, 21, 14, 23, 45)
const delay = (status: number | null, headers: string[] = [], made = 1, chance = 0.5): number | null =>
  delayBeforeRetry({ status, headers }, made, RULES, NOW, chance)

describe('another try', () => {
  it.each([408, 409, 429, 500, 502, 503, 504, 529, 599])('follows on %i', (status) => {
    expect([isPassing(status), delay(status)]).toEqual([true, 375])
  })

  it.each([200, 204, 301, 304, 400, 401, 403, 404, 413, 422])('does not follow on %i', (status) => {
    expect([isPassing(status), delay(status)]).toEqual([false, null])
  })

  it('follows where no answer came', () => {
    expect(delay(null)).toBe(375)
  })

  it.each([
    [1, 0, 250],
    [1, 0.999, 500],
    [2, 0, 500],
    [2, 0.999, 1_000],
  ])('after attempt %i with chance %f waits %i ms', (made, chance, expected) => {
    expect(delay(500, [], made, chance)).toBe(expected)
  })

  it('waits no longer than the longest delay', () => {
    expect(delayBeforeRetry({ status: 500, headers: [] }, 9, { ...RULES, attempts: 10 }, NOW, 0.999)).toBe(1_500)
  })

  it('does not follow when the attempts are used up', () => {
    expect([delay(500, [], 3), delay(null, [], 3), delay(429, ['retry-after', '1'], 3)]).toEqual([null, null, null])
  })

  it.each<[string, string[], number | null]>([
    ['seconds', ['Retry-After', '7'], 7_000],
    ['a part of a second', ['retry-after', '0.25'], 250],
    ['none', ['retry-after', '0'], 0],
    ['milliseconds, before seconds', ['retry-after', '9', 'retry-after-ms', '120'], 120],
    ['a date', ['retry-after', new Date(NOW + 5_000).toUTCString()], 5_000],
    ['a date that has passed', ['retry-after', new Date(NOW - 5_000).toUTCString()], 0],
    ['the longest that is waited for', ['retry-after', '60'], 60_000],
    ['longer than that', ['retry-after', '61'], null],
    ['much longer', ['retry-after', new Date(NOW + 3_600_000).toUTCString()], null],
    ['nonsense', ['retry-after', 'soon'], 375],
    ['nonsense with a number', ['retry-after', 'soon 1'], 375],
    ['a negative number of seconds', ['retry-after', '-5'], 375],
    ['a negative number', ['retry-after-ms', '-5'], 375],
  ])('waits as asked: %s', (_what, headers, expected) => {
    expect([delay(429, headers), delay(503, headers)]).toEqual([expected, expected])
  })

  it('heeds what the provider advises its own SDKs', () => {
    expect(delay(500, ['x-should-retry', 'false'])).toBeNull()
    expect(delay(400, ['X-Should-Retry', 'true'])).toBe(375)
    expect(delay(200, ['x-should-retry', 'true'])).toBeNull()
  })
})
