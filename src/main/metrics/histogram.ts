import type { Millis } from '../../shared/domain/units.ts'
import { keyOf } from './counter.ts'
import type { Labels, Sample } from './exposition.ts'

/** How long things took, by labels of which there are only few. */
export interface Histogram {
  observe(labels: Labels, lengthMs: Millis): void
  /** In seconds. */
  samples(): Sample[]
}

interface Series {
  readonly labels: Labels
  /** Not yet summed up: how many fell between a bound and the one before; the last is beyond them all. */
  readonly counts: number[]
  sumMs: number
}

export function createHistogram(boundsMs: readonly Millis[]): Histogram {
  const series = new Map<string, Series>()
  const newSeries = (labels: Labels): Series => ({ labels, counts: Array.from({ length: boundsMs.length + 1 }, () => 0), sumMs: 0 })

  return {
    observe(labels, lengthMs) {
      const key = keyOf(labels)
      const one = series.get(key) ?? newSeries(labels)
      series.set(key, one)
      // A clock that was set back is no negative time.
      const length = Math.max(0, lengthMs)
      const place = boundsMs.findIndex((bound) => length <= bound)
      const index = place < 0 ? boundsMs.length : place
      one.counts[index] = (one.counts[index] ?? 0) + 1
      one.sumMs += length
    },
    samples: () => [...series.values()].flatMap((one) => linesOf(one, boundsMs)),
  }
}

function linesOf({ labels, counts, sumMs }: Series, boundsMs: readonly Millis[]): Sample[] {
  let count = 0
  const buckets = counts.map((some, index): Sample => {
    count += some
    const bound = boundsMs[index]
    return { suffix: '_bucket', labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound / 1000) }, value: count }
  })
  return [...buckets, { suffix: '_sum', labels, value: sumMs / 1000 }, { suffix: '_count', labels, value: count }]
}
