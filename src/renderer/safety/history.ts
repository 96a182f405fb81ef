import type { RecordKind } from '../../shared/domain/safety.ts'
import { formatClock, formatCount } from '../../shared/format.ts'

const MINUTE = 60_000
export const HISTORY_MINUTES = 30

export interface MinuteTally {
  readonly private: number
  readonly unauthorised: number
  readonly injection: number
}

/** How many of what, by the minute since 1970. */
export type Tallies = ReadonlyMap<number, MinuteTally>

interface Moment {
  readonly at: number
  readonly kind: RecordKind
  readonly times?: number | undefined
}

const NOTHING: MinuteTally = { private: 0, unauthorised: 0, injection: 0 }

const minuteOf = (at: number): number => Math.floor(at / MINUTE)
/** Where the history that is shown begins. */
export const historyStart = (now: number): number => (minuteOf(now) - HISTORY_MINUTES + 1) * MINUTE

/** What is too old to be shown falls out. */
export function tally(tallies: Tallies, moments: readonly Moment[], now: number): Tallies {
  const first = minuteOf(historyStart(now))
  const next = new Map([...tallies].filter(([minute]) => minute >= first))
  for (const { at, kind, times = 1 } of moments) {
    const minute = minuteOf(at)
    if (minute < first || (kind !== 'private' && kind !== 'unauthorised' && kind !== 'injection')) continue
    const before = next.get(minute) ?? NOTHING
    next.set(minute, { ...before, [kind]: before[kind] + times })
  }
  return next
}

export interface HistoryBar extends MinuteTally {
  readonly minute: number
  readonly total: number
}

/** One for each of the last minutes, the oldest first. */
export function historyBars(tallies: Tallies, now: number): HistoryBar[] {
  const first = minuteOf(historyStart(now))
  return Array.from({ length: HISTORY_MINUTES }, (_, index) => {
    const minute = first + index
    const found = tallies.get(minute) ?? NOTHING
    return { ...found, minute, total: found.private + found.unauthorised + found.injection }
  })
}

/** The same in words. */
export function historySentence(bars: readonly HistoryBar[], isWhole: boolean): string {
  const total = bars.reduce((sum, bar) => sum + bar.total, 0)
  if (total === 0) return `Nothing in the last ${HISTORY_MINUTES} minutes.`
  const highest = bars.reduce((most, bar) => (bar.total > most.total ? bar : most))
  const count = `${isWhole ? '' : 'At least '}${formatCount(total, 'finding')}`
  return `${count} in the last ${HISTORY_MINUTES} minutes, most at ${formatClock(highest.minute * MINUTE).slice(0, 5)}: ${highest.total}.`
}
