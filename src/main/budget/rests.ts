import type { CallId } from '../../shared/domain/llm.ts'
import type { Clock } from '../ports.ts'
import type { Ledger } from '../state/repositories.ts'
import type { BudgetBook, Claim } from './budgetBook.ts'
import type { Ticket } from './ticket.ts'

/**
 * What tries have not used, until the ledger knows that. A room that dies before is charged for them at their worst: had
 * somebody else got that money meanwhile, more would be spent than the limit.
 */
export interface Rests {
  keep(callId: CallId, claim: Claim<Ticket>): void
  /** It cost nothing, and the call may go on for long. */
  releaseTry(callId: CallId, attempt: number, claim: Claim<Ticket>): void
  giveBack(callId: CallId): void
}

export interface RestsOptions {
  readonly book: BudgetBook<Ticket>
  readonly ledger: Ledger
  readonly clock: Clock
  /** Somebody may have waited for it. */
  readonly pump: () => void
  readonly onDefect: (problem: unknown) => unknown
}

export function createRests({ book, ledger, clock, pump, onDefect }: RestsOptions): Rests {
  const calls = new Map<CallId, Set<Claim<Ticket>>>()

  function release(callId: CallId, claims: readonly Claim<Ticket>[]): void {
    const kept = calls.get(callId)
    const found = claims.filter((claim) => kept?.delete(claim))
    if (kept?.size === 0) calls.delete(callId)
    for (const claim of found) book.release(claim)
    if (found.length > 0) pump()
  }

  return {
    keep(callId, claim) {
      calls.set(callId, (calls.get(callId) ?? new Set()).add(claim))
    },
    releaseTry(callId, attempt, claim) {
      try {
        const storing = ledger.release({ callId, attempt }, clock.now())
        if (storing) storing.then(() => release(callId, [claim]), onDefect)
        else release(callId, [claim])
      } catch (problem) {
        onDefect(problem)
      }
    },
    giveBack: (callId) => release(callId, [...(calls.get(callId) ?? [])]),
  }
}
