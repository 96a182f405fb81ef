import type { SpendPoint } from '../../shared/contract/costs.ts'
import type { Budget } from '../../shared/domain/budget.ts'

/** How fast an agent spends, and where that leads. */
export interface Pace {
  /** Nanodollars in an hour, over the last minutes. */
  readonly perHour: number
  /** Until the limit, at this pace; null where nothing is spent now, or all of the work is done. */
  readonly emptyInMs: number | null
}

/** A stretch of the drawing, from what is to what is expected. */
export type Course = readonly [{ readonly at: number; readonly spent: number }, { readonly at: number; readonly spent: number }]

const HOUR_MS = 3_600_000
const WINDOW_MS = 5 * 60_000
/** Of less nobody can tell a pace. */
const LEAST_MS = 5_000

/** Points begin with what was spent when the agent came: nothing. Null while nobody can tell. */
export function paceOf(points: readonly SpendPoint[], { limit, spent, progress }: Pick<Budget, 'limit' | 'spent' | 'progress'>, now: number): Pace | null {
  const perHour = slope(points, spent, now, now - WINDOW_MS)
  if (perHour === null) return null
  const isDone = progress !== null && progress.total !== null && progress.done >= progress.total
  return { perHour, emptyInMs: perHour > 0 && !isDone ? Math.round((Math.max(0, limit - spent) / perHour) * HOUR_MS) : null }
}

/**
 * From now to the projection, as steep as the last minutes were, or as all of the run where those brought nothing.
 * It is cut where it leaves the drawing at `top`. Null where nothing is projected, or nothing is left to come.
 */
export function courseOf(points: readonly SpendPoint[], { spent, projection }: Pick<Budget, 'spent' | 'projection'>, now: number, top: number): Course | null {
  if (projection === null || projection <= spent || spent >= top) return null
  const perHour = slope(points, spent, now, now - WINDOW_MS) || slope(points, spent, points.at(-1)?.at ?? now, Number.NEGATIVE_INFINITY)
  if (!perHour) return null
  const end = Math.min(projection, top)
  return [
    { at: now, spent },
    { at: now + Math.round(((end - spent) / perHour) * HOUR_MS), spent: end },
  ]
}

/** By how much it grew from a moment on, in an hour. */
function slope(points: readonly SpendPoint[], spent: number, until: number, from: number): number | null {
  const [first] = points
  if (!first) return null
  const base = points.findLast(({ at }) => at <= from) ?? first
  const length = until - Math.max(base.at, from)
  return length < LEAST_MS ? null : Math.round((Math.max(0, spent - base.spent) / length) * HOUR_MS)
}
