import type { Millis } from '../../shared/domain/units.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Clock } from '../ports.ts'

export interface RequestRate {
  /** So many at once, and from then on so many a second. */
  readonly burst: number
  readonly perSecond: number
}

/** More than any honest program asks, and less than keeps the room from everybody else. */
export const REQUEST_RATE: RequestRate = { burst: 5_000, perSecond: 1_000 }

/** Callers whose buckets are full again are forgotten when there are more than this. */
const MOST_REMEMBERED = 1_000

/** Counts one request of a caller: zero where it may pass, else how long until the next one may. */
export function createRequestRate(clock: Clock, { burst, perSecond }: RequestRate): (caller: Caller) => Millis {
  const buckets = new Map<string, { left: number; at: Millis }>()

  function forgetTheQuiet(now: Millis): void {
    for (const [key, { left, at }] of buckets) if (left + ((now - at) * perSecond) / 1000 >= burst) buckets.delete(key)
  }

  return ({ role, id }) => {
    const now = clock.now()
    const key = `${role} ${id}`
    const bucket = buckets.get(key) ?? { left: burst, at: now }
    // A clock that was set back gives nothing and takes nothing.
    const left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) * perSecond) / 1000)
    const mayPass = left >= 1
    buckets.set(key, { left: mayPass ? left - 1 : left, at: now })
    if (buckets.size > MOST_REMEMBERED) forgetTheQuiet(now)
    return mayPass ? 0 : Math.ceil(((1 - left) * 1000) / perSecond)
  }
}
