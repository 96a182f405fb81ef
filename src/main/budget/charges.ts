import type { Call, CallId } from '../../shared/domain/llm.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'

/** What the attempts of calls that are not over yet were charged: the call must say the same when it is. */
export interface Charges {
  hold(callId: CallId, attempt: number): void
  charge(callId: CallId, attempt: number, amount: Nanodollars): void
  /** False when the call does not say what was charged: it is not stored then, and its reservations stay open in the ledger. */
  close(call: Call): boolean
}

export function createCharges(onDefect: (problem: Error) => unknown): Charges {
  /** Null while the reservation is open. */
  const calls = new Map<CallId, Map<number, Nanodollars | null>>()

  function problemWith(call: Call): string | null {
    let sum = 0
    for (const [attempt, charged] of calls.get(call.id) ?? []) {
      const said = call.attempts[attempt - 1]?.receipt?.total ?? 0
      if (charged === null) return `attempt ${attempt} was never settled`
      if (charged !== said) return `attempt ${attempt} was charged ${charged} nanodollars and its receipt says ${said}`
      sum += charged
    }
    return call.cost === sum ? null : `it costs ${call.cost} nanodollars and its attempts were charged ${sum}`
  }

  return {
    hold(callId, attempt) {
      const attempts = calls.get(callId)
      if (attempts) attempts.set(attempt, null)
      else calls.set(callId, new Map([[attempt, null]]))
    },
    charge(callId, attempt, amount) {
      calls.get(callId)?.set(attempt, amount)
    },
    close(call) {
      const problem = problemWith(call)
      calls.delete(call.id)
      if (problem !== null) onDefect(new Error(`${call.id} is over, but ${problem}.`))
      return problem === null
    },
  }
}
