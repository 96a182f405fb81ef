import type { Millis } from '../../shared/domain/units.ts'

export interface Throughput {
  note(at: Millis, done: number): void
  /** Units in an hour, over the last minutes of work; null before there are two moments to compare. */
  perHour(): number | null
}

const WINDOW_MS = 5 * 60_000
/** Moments closer than this are one. */
const APART_MS = 1_000
const HOUR_MS = 3_600_000

export function createThroughput(): Throughput {
  let moments: { at: Millis; done: number }[] = []

  return {
    note(at, done) {
      const last = moments.at(-1)
      // It has begun anew, or the clock was set back.
      if (last && (done < last.done || at < last.at)) moments = []
      const before = moments.at(-2)
      if (before && at - before.at < APART_MS) moments.pop()
      moments.push({ at, done })
      while (moments.length > 2 && (moments[1]?.at ?? at) <= at - WINDOW_MS) moments.shift()
    },
    perHour() {
      const [first] = moments
      const last = moments.at(-1)
      if (!first || !last || last.at <= first.at) return null
      return ((last.done - first.done) * HOUR_MS) / (last.at - first.at)
    },
  }
}
