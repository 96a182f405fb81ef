import type { AgentId } from '../../shared/domain/agent.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import type { Clock } from '../ports.ts'
import type { HangUpSignal } from './admission.ts'

/** Money on which all agents of all control rooms draw, besides what each of them has for itself. */
export interface Pool {
  /** Waits while others may give back enough. Rejects with UNAVAILABLE where nobody can say what there is. */
  hold(wanted: PoolHold, signal: HangUpSignal): Promise<PoolVerdict>
  /** What was held is charged with what its call has cost, and that is in the ledger by now; nothing more is held. */
  settle(held: PoolHold, charged: Nanodollars): void
  close(): void
}

export interface PoolHold {
  readonly callId: CallId
  readonly attempt: number
  readonly amount: Nanodollars
}

export type PoolVerdict =
  | { readonly outcome: 'held' }
  /** It fits into none of what is left, whatever others give back. */
  | { readonly outcome: 'exceeded'; readonly limit: Nanodollars; readonly spent: Nanodollars }
  | { readonly outcome: 'abandoned' }

/** As much of the shared budgets as a pool needs. */
export interface PoolBudgets {
  reserve(hold: PoolHold & { readonly budget: AgentId }): Promise<{ readonly outcome: 'held' } | { readonly outcome: 'exceeded'; readonly limit: Nanodollars; readonly spent: Nanodollars }>
  settle(hold: PoolHold & { readonly budget: AgentId }, charged: Nanodollars): Promise<void>
}

/** The name of the one budget that is nobody's own. */
export const POOL = 'room'
/** What others give back is not told to us. */
const LOOK_AGAIN_MS: Millis = 100

export function createPool(budgets: PoolBudgets, clock: Clock): Pool {
  let isClosed = false
  return {
    async hold(wanted, signal) {
      for (;;) {
        if (signal.aborted || isClosed) return { outcome: 'abandoned' }
        const verdict = await budgets.reserve({ budget: POOL, ...wanted })
        if (verdict.outcome === 'held' || wanted.amount > verdict.limit - verdict.spent) return verdict
        await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve))
      }
    },
    settle: (held, charged) => void budgets.settle({ budget: POOL, ...held }, charged),
    close() {
      isClosed = true
    },
  }
}
