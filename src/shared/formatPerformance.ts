import type { Performance, PerformancePoint } from './domain/report.ts'
import { formatCount, formatDuration, formatTokens } from './format.ts'

/** How an agent's work is told to people. No schema: the renderer uses it too. */

/** `23 / 100 leads (23%)`, `23 leads` where nobody knows how many there are. Rounded down: 100% says that all of it is done. */
export function formatWork(done: number, total: number | null, unit: string): string {
  if (total === null) return counted(done, unit)
  return `${formatTokens(done)} / ${counted(total, unit)} (${wholePercent(done, total)}%)`
}

/** `100% (23/23)`; null before anything is done. */
export function formatSuccess(done: number, failed: number): string | null {
  if (done === 0) return null
  const ok = Math.max(0, done - failed)
  return `${wholePercent(ok, done)}% (${ok}/${done})`
}

/** `212 leads/hour`. */
export function formatThroughput(perHour: number, unit: string): string {
  return `${counted(Math.round(perHour), unit)}/hour`
}

/** `about 22 min left`, by how fast it is now; null where nobody can say, and where all is done. */
export function formatTimeLeft({ done, total, perHour }: Pick<Performance, 'done' | 'total' | 'perHour'>): string | null {
  if (total === null || perHour === null || perHour <= 0 || done >= total) return null
  return `about ${formatDuration(Math.max(1_000, ((total - done) / perHour) * 3_600_000))} left`
}

/** A moment of the history. */
export function pointOf(at: number, { done, perHour, latency }: Pick<Performance, 'done' | 'perHour' | 'latency'>): PerformancePoint {
  return { at, done, perHour, p50: latency?.p50 ?? null, p95: latency?.p95 ?? null, p99: latency?.p99 ?? null }
}

/** `P95: 2.1s`, `P95: 850ms`. */
export function formatPercentile(percent: number, lengthMs: number): string {
  return `P${percent}: ${formatSeconds(lengthMs)}`
}

/** `2.1s`, `850ms`. */
export function formatSeconds(lengthMs: number): string {
  return Math.round(lengthMs) < 1_000 ? `${Math.round(lengthMs)}ms` : `${(lengthMs / 1_000).toFixed(1)}s`
}

function counted(count: number, unit: string): string {
  return `${formatTokens(count)} ${formatCount(count, unit).slice(String(count).length + 1)}`
}

function wholePercent(part: number, whole: number): number {
  return Math.floor((part * 100) / whole)
}
