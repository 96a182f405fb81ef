/** A history that stays small however long it gets: when it is full, every second moment is left out. */

export interface ThinnedSeries<P extends { readonly at: number }> {
  /** Oldest first; the newest is always the last that came. */
  readonly points: readonly P[]
  /** Moments closer than this are one. */
  readonly apartMs: number
}

export const MOST_POINTS = 240
const FIRST_APART_MS = 1_000

export function emptySeries<P extends { readonly at: number }>(): ThinnedSeries<P> {
  return { points: [], apartMs: FIRST_APART_MS }
}

/** From before the last one nothing is taken: a clock was set back, or it is known already. */
export function withPoint<P extends { readonly at: number }>(series: ThinnedSeries<P>, point: P): ThinnedSeries<P> {
  const { points, apartMs } = series
  const last = points.at(-1)
  const before = points.at(-2)
  if (last && point.at < last.at) return series
  const next = [...(last && before && last.at - before.at < apartMs ? points.slice(0, -1) : points), point]
  if (next.length <= MOST_POINTS) return { points: next, apartMs }
  return { points: next.filter((_, index) => index % 2 === 0 || index === next.length - 1), apartMs: apartMs * 2 }
}
