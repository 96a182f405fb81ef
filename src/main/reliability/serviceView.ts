import type { AgentId } from '../../shared/domain/agent.ts'
import type { ServiceView } from '../../shared/domain/service.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { formatBlocked, formatSaved, formatViaFallback } from '../../shared/formatService.ts'
import { retryAt, type Breaker } from './breaker.ts'

export interface ViewedBreaker {
  readonly agentId: AgentId | null
  readonly service: string
  readonly endpoint: string
  readonly breaker: Breaker
}

/** A breaker as people see it, at this moment; `unit` is what the agent works on, in the singular. */
export function viewOf({ agentId, service, endpoint, breaker }: ViewedBreaker, unit: string, now: Millis): ServiceView {
  const { phase, since, failuresInARow, calls, failures, blocked, saved, served, recoveries, msIn, reason } = breaker
  return {
    agentId,
    service,
    endpoint,
    state: phase.kind,
    since,
    retryAt: retryAt(breaker),
    failuresInARow,
    calls,
    failures,
    blocked,
    saved,
    served: { ...served },
    recoveries,
    msIn: { ...msIn, [phase.kind]: msIn[phase.kind] + Math.max(0, now - since) },
    reason,
    formatted: { blocked: formatBlocked(blocked, unit), saved: formatSaved(saved), viaFallback: formatViaFallback(served) },
  }
}
