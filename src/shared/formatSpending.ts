import { formatDuration, formatRate } from './format.ts'

/** How fast money goes, as people read it. No schema: the renderer uses it too. */

const DAY_MS = 86_400_000
/** Beyond it a rate says nothing about the end any more. */
const LONGEST_DAYS = 30

/** `$48.76/hour`. */
export function formatBurnRate(perHour: number): string {
  return `${formatRate(Math.round(perHour))}/hour`
}

/** `Empty in 55 min`; nothing is said of the seconds of hours. */
export function formatTimeToEmpty(lengthMs: number): string {
  if (lengthMs <= 0) return 'Empty now'
  if (lengthMs > LONGEST_DAYS * DAY_MS) return `Empty in over ${LONGEST_DAYS} days`
  return `Empty in ${formatDuration(Math.max(1_000, lengthMs))}`
}
