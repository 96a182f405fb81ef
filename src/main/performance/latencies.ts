import type { Millis } from '../../shared/domain/units.ts'

export interface Latencies {
  add(lengthMs: number): void
  /** Null before the first one. */
  read(): { p50: Millis; p95: Millis; p99: Millis; samples: number } | null
}

/** Of so many units the lengths are kept, the newest; the percentiles are those of exactly these. */
const MOST_KEPT = 10_000

/** A ring of the newest, sorted when somebody asks. */
export function createLatencies(mostKept = MOST_KEPT): Latencies {
  const ring: number[] = []
  let next = 0

  return {
    add(lengthMs) {
      if (ring.length < mostKept) {
        ring.push(lengthMs)
        return
      }
      ring[next] = lengthMs
      next = (next + 1) % mostKept
    },
    read() {
      if (ring.length === 0) return null
      const sorted = Float64Array.from(ring).sort()
      // The nearest rank: a length that there really was.
      const rank = (percent: number): Millis => Math.round(sorted[Math.ceil((percent / 100) * sorted.length) - 1] as number)
      return { p50: rank(50), p95: rank(95), p99: rank(99), samples: sorted.length }
    },
  }
}
