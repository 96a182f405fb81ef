import type { Millis } from '../../shared/domain/units.ts'
import { formatDuration } from '../../shared/format.ts'
import { formatCooldown, formatService } from '../../shared/formatService.ts'
import { retryAt, type Breaker } from './breaker.ts'

/** `linkedin is failing: 5 calls in a row (429). Its calls are kept away for 60 s.` */
export function tellOpened(service: string, endpoint: string, breaker: Breaker, now: Millis): string {
  const still = breaker.outageSince !== null && breaker.outageSince < breaker.since ? 'still failing' : 'failing'
  return `${formatService(service, endpoint)} is ${still}: ${breaker.reason ?? 'too many calls'}. Its calls are kept away for ${formatCooldown(waitOf(breaker, now))}.`
}

export function tellProbing(service: string, endpoint: string): string {
  return `${formatService(service, endpoint)} is tried again with one call.`
}

export function tellRecovered(service: string, endpoint: string, before: Breaker, now: Millis): string {
  return `${formatService(service, endpoint)} works again after ${formatDuration(now - (before.outageSince ?? now))}.`
}

export function tellReset(service: string, endpoint: string): string {
  return `The breaker of ${formatService(service, endpoint)} was closed by hand.`
}

/** Why a call was kept away. */
export function tellBlocked(service: string, endpoint: string, breaker: Breaker, now: Millis): string {
  const name = formatService(service, endpoint)
  const { phase } = breaker
  if (phase.kind !== 'open') return `${name} is being tried with one call; the others wait until that has come back.`
  return `${name} is failing: ${breaker.reason ?? 'too many calls'}. It is tried again in ${formatCooldown(waitOf(breaker, now))}.`
}

export function waitOf(breaker: Breaker, now: Millis): Millis {
  return Math.max(0, (retryAt(breaker) ?? now) - now)
}
