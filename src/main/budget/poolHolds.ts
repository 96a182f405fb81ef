import type { CallId } from '../../shared/domain/llm.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import type { Pool, PoolHold } from './pool.ts'

/** What one agent's calls hold of the pool, until the ledger knows what they have cost. */
export interface PoolHolds {
  add(hold: PoolHold): void
  /** It never came into the ledger. */
  giveBack(callId: CallId, attempt: number): void
  charge(callId: CallId, attempt: number, charged: Nanodollars): void
  /** The call is in the ledger: until then whoever settles it for us charges all that is held. */
  stored(callId: CallId): void
}

export function createPoolHolds(pool: Pool): PoolHolds {
  const calls = new Map<CallId, Map<number, { readonly hold: PoolHold; charged: Nanodollars }>>()

  function take(callId: CallId, attempt: number): void {
    const attempts = calls.get(callId)
    const found = attempts?.get(attempt)
    if (!attempts || !found) return
    attempts.delete(attempt)
    if (attempts.size === 0) calls.delete(callId)
    pool.settle(found.hold, found.charged)
  }

  return {
    add(hold) {
      const attempts = calls.get(hold.callId) ?? new Map<number, { readonly hold: PoolHold; charged: Nanodollars }>()
      calls.set(hold.callId, attempts.set(hold.attempt, { hold, charged: 0 }))
    },
    giveBack: take,
    charge(callId, attempt, charged) {
      const found = calls.get(callId)?.get(attempt)
      if (found) found.charged = charged
    },
    stored(callId) {
      for (const attempt of [...(calls.get(callId)?.keys() ?? [])]) take(callId, attempt)
    },
  }
}
