import type { ServiceOutcome } from '../../shared/domain/service.ts'
import type { Exchanged } from './exchange.ts'

/** Whether a status tells of a service that fails, and not of a caller who is wrong. */
function isServiceFailure(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

/** What an attempt says of the upstream. What we stopped ourselves and what the agent broke off are no failures of it. */
export function upstreamOutcome({ status, problem, isHungUp, reader, stop }: Pick<Exchanged, 'status' | 'problem' | 'isHungUp' | 'reader' | 'stop'>): { outcome: ServiceOutcome; detail: string | null } {
  if (status !== null && isServiceFailure(status)) return { outcome: 'failed', detail: String(status) }
  if (isHungUp) return { outcome: 'cancelled', detail: null }
  if (problem) return { outcome: 'failed', detail: problem.kind }
  if (reader?.problem && !stop && status !== null && status < 300) return { outcome: 'failed', detail: 'a broken answer' }
  return { outcome: status !== null && status < 300 ? 'ok' : 'callers-fault', detail: null }
}
