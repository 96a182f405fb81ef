import type { Database } from 'better-sqlite3'
import type { Call } from '../../shared/domain/llm.ts'
import { inputTokens, outputTokens } from '../../shared/domain/tokenSums.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { SETTLE } from './ledger.ts'
import type { Projections } from './projections.ts'

interface Reservation {
  attempt: number
  /** Null while it is open. */
  settled: number | null
}

/** A finished call: its row, and the charge for each of its reservations. */
export function createCallProjection(database: Database): Projections<'llm.callFinished'> {
  const insertCall = database.prepare('INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const insertPayload = database.prepare('INSERT INTO call_payloads VALUES (?, ?)')
  const settle = database.prepare(SETTLE)
  const reservationsOf = database.prepare<[string], Reservation>(`
    SELECT reserved.attempt, settled.amount AS settled FROM ledger AS reserved
    LEFT JOIN ledger AS settled ON settled.call_id = reserved.call_id AND settled.attempt = reserved.attempt AND settled.kind = 'settle'
    WHERE reserved.call_id = ? AND reserved.kind = 'reserve'`)

  /** What some attempts were charged before is not charged again, and may not turn out to be something else. */
  function charge(call: Call, at: Millis): void {
    let charged = 0
    for (const { attempt, settled } of reservationsOf.all(call.id)) {
      const amount = call.attempts[attempt - 1]?.receipt?.total ?? 0
      if (settled === null) settle.run(call.agentId, at, amount, call.id, attempt)
      else if (settled !== amount) throw new Error(`Attempt ${attempt} of ${call.id} was settled at ${settled}; its receipt says ${amount}.`)
      charged += amount
    }
    if (charged !== call.cost) {
      throw new Error(`${call.id} costs ${call.cost}, but the attempts with a reservation in the ledger ${charged}: each is reserved before it leaves.`)
    }
  }

  return {
    'llm.callFinished': ({ seq, at, payload: { call } }, payload) => {
      charge(call, at)
      insertCall.run(
        seq,
        call.id,
        call.agentId,
        at,
        call.model,
        call.outcome,
        call.refusal,
        inputTokens(call.usage),
        outputTokens(call.usage),
        call.usage.cacheRead ?? 0,
        call.usage.reasoning ?? 0,
        call.cost,
      )
      insertPayload.run(seq, payload)
    },
  }
}
