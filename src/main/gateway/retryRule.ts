import type { Millis } from '../../shared/domain/units.ts'
import { headerOf, type HeaderList } from './headers.ts'

export interface RetryRules {
  /** Tries in all. */
  readonly attempts: number
  readonly firstDelayMs: Millis
  readonly longestDelayMs: Millis
  /** A provider that asks for more patience than this gets its answer through to the agent. */
  readonly longestAskedMs: Millis
}

export interface FailedAttempt {
  /** Null where no answer came. */
  readonly status: number | null
  readonly headers: HeaderList
}

/** Failures of the moment: a time-out, a lock, too many requests, and all that is the server's own fault. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/** How long to wait before the next try; null where there is none. `chance` is at least 0 and below 1. */
export function delayBeforeRetry(failed: FailedAttempt, made: number, rules: RetryRules, now: Millis, chance: number): Millis | null {
  if (made >= rules.attempts) return null
  if (failed.status !== null) {
    if (failed.status < 400) return null
    // Said by the provider's own servers to their own SDKs.
    const advice = headerOf(failed.headers, 'x-should-retry')
    if (advice === 'false' || (advice !== 'true' && !isPassing(failed.status))) return null
    const asked = askedDelay(failed.headers, now)
    if (asked !== null) return asked <= rules.longestAskedMs ? asked : null
  }
  const full = Math.min(rules.longestDelayMs, rules.firstDelayMs * 2 ** (made - 1))
  // Never less than half, so that a hurried second try is none; spread, so that many agents do not come back at once.
  return Math.ceil(full * (0.5 + chance / 2))
}

/** What a Retry-After asks for; null where none does. */
export function askedDelay(headers: HeaderList, now: Millis): Millis | null {
  const milliseconds = seconds(headerOf(headers, 'retry-after-ms'))
  if (milliseconds !== null) return Math.ceil(milliseconds)
  const text = headerOf(headers, 'retry-after')
  const inSeconds = seconds(text)
  if (inSeconds !== null) return Math.ceil(inSeconds * 1_000)
  // `Date.parse` makes a year of any number; a date begins with its day.
  const date = text !== null && /^\s*[A-Za-z]{3,9},? /.test(text) && /:\d\d\b/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

function seconds(text: string | null): number | null {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null
}
