import type { Labels, Sample } from './exposition.ts'

/** A sum for each combination of labels; it only grows. */
export interface Counter {
  add(labels: Labels, by?: number): void
  samples(): Sample[]
}

export interface CounterOptions {
  /** Combinations beyond so many are one: whoever names things anew for ever fills nobody's memory, here or at a collector's. */
  readonly most?: number
  /** How a sum is written. */
  readonly show?: (sum: number) => number | string
}

const MOST_SERIES = 1_000
const OTHER = 'other'

export function createCounter({ most = MOST_SERIES, show = (sum) => sum }: CounterOptions = {}): Counter {
  const series = new Map<string, { readonly labels: Labels; sum: number }>()

  function seriesOf(labels: Labels): { sum: number } {
    const key = keyOf(labels)
    const known = series.get(key)
    if (known) return known
    const kept = series.size < most ? labels : allOther(labels)
    const one = series.get(keyOf(kept)) ?? { labels: kept, sum: 0 }
    series.set(keyOf(kept), one)
    return one
  }

  return {
    add(labels, by = 1) {
      seriesOf(labels).sum += by
    },
    samples: () => [...series.values()].map(({ labels, sum }) => ({ labels, value: show(sum) })),
  }
}

export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.values(labels))
}

function allOther(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER]))
}
