import { formatCount, formatDuration, formatMoney, tenthsOfPercent } from './format.ts'

/** How services and their breakers are told to people. No schema: the renderer uses it too. */

/** `66 leads`: what a breaker kept away, in units of the agent's work. */
export function formatBlocked(blocked: number, unit: string): string {
  return formatCount(blocked, unit)
}

/** `$6.60 saved`; null where nothing was. */
export function formatSaved(saved: number): string | null {
  return saved > 0 ? `${formatMoney(saved)} saved` : null
}

export interface ServedCounts {
  readonly primary: number
  readonly cached: number
  readonly placeholder: number
  readonly custom: number
  readonly failed: number
}

/** `34%`: of all calls that were answered or not, those that the cache has answered; null before the first. */
export function formatCacheHits(served: ServedCounts): string | null {
  const all = served.primary + served.cached + served.placeholder + served.custom + served.failed
  if (all === 0) return null
  // 100% says all of them, 0% none.
  const rounded = Math.round((served.cached * 100) / all)
  return `${served.cached === all ? 100 : served.cached === 0 ? 0 : Math.min(99, Math.max(1, rounded))}%`
}

/** `98% via fallback`: of the calls that the service itself did not answer, those that somebody else did; null where it answered all. */
export function formatViaFallback({ cached, placeholder, custom, failed }: ServedCounts): string | null {
  const fallback = cached + placeholder + custom
  const all = fallback + failed
  if (all === 0) return null
  // Rounded down: 100% says that not one has failed.
  return `${Math.floor(tenthsOfPercentDown(fallback, all) / 10)}% via fallback`
}

function tenthsOfPercentDown(part: number, whole: number): number {
  return part === whole ? 1000 : Math.min(999, tenthsOfPercent(part, whole))
}

/** `60 s`, `2 min`: what a cooldown is set to is mostly said in seconds. What is left of one is never said too short. */
export function formatCooldown(lengthMs: number): string {
  if (lengthMs < 1_000) return formatDuration(lengthMs)
  const seconds = Math.ceil(lengthMs / 1_000)
  return seconds < 120 ? `${seconds} s` : formatDuration(seconds * 1_000)
}

/** `linkedin`, `linkedin /v2/people`. */
export function formatService(service: string, endpoint: string): string {
  return endpoint === '' ? service : `${service} ${endpoint}`
}

/** `closed`, `open for 42 s`, `half-open, waits for a call`, `half-open, one call tries it`. */
export function formatBreaker(state: 'closed' | 'open' | 'half-open', retryAt: number | null, now: number): string {
  if (state === 'closed') return 'closed'
  if (state === 'open') return `open for ${formatCooldown(Math.max(0, (retryAt ?? now) - now))}`
  return retryAt === null || retryAt <= now ? 'half-open, waits for a call' : 'half-open, one call tries it'
}
