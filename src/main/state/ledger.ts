import type { AgentId } from '../../shared/domain/agent.ts'
import type { Call } from '../../shared/domain/llm.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { bareTransaction } from './bareTransaction.ts'
import { createLedgerNotes } from './ledgerNotes.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { Ledger, LedgerEntry, LedgerTotals } from './repositories.ts'

export interface SqliteLedger extends Ledger {
  /** Within the transaction of the call's event: charges each of its reservations, and so gives the rest back. */
  charge(call: Call, at: Millis): void
  /** What was noted in a transaction did not come to be. */
  rolledBack(): void
}

export function createLedger({ fast }: Pick<OpenDatabase, 'fast'>): SqliteLedger {
  const notes = createLedgerNotes(fast)
  const transaction = bareTransaction(fast)
  const insertLimit = fast.prepare(`INSERT INTO ledger (agent_id, entry, kind, at, amount) VALUES (?, ?, 'limit', ?, ?)`)
  const insertRaise = fast.prepare(`INSERT INTO ledger (agent_id, entry, kind, at, amount, actor, reason) VALUES (?, ?, 'raise', ?, ?, ?, ?)`)
  const insertReserve = fast.prepare(
    `INSERT INTO ledger (agent_id, entry, kind, at, amount, call_id, attempt, model) VALUES (?, ?, 'reserve', ?, ?, ?, ?, ?)`,
  )
  const insertSettle = fast.prepare(`INSERT INTO ledger (agent_id, entry, kind, at, amount) VALUES (?, ?, 'settle', ?, ?)`)
  const totals = fast.prepare<[], TotalsRow>(TOTALS)

  function write(entry: LedgerEntry): void {
    const { agentId, at, amount } = entry
    const number = notes.last(agentId) + 1
    if (entry.kind === 'limit') insertLimit.run(agentId, number, at, amount)
    else if (entry.kind === 'raise') insertRaise.run(agentId, number, at, amount, entry.actor, entry.reason)
    else {
      const { callId, attempt, model } = entry
      if (notes.of(callId).some((one) => one.attempt === attempt)) throw new Error(`Attempt ${attempt} of ${callId} is reserved already.`)
      insertReserve.run(agentId, number, at, amount, callId, attempt, model)
      notes.hold({ agentId, callId, attempt, model, at, amount, entry: number })
    }
    notes.advance(agentId, number)
  }

  return {
    append(entries) {
      const [only] = entries
      if (only === undefined) return
      try {
        // One row is all or none by itself.
        if (entries.length === 1) write(only)
        else transaction.run(() => entries.forEach(write))
      } catch (problem) {
        notes.forget()
        throw problem
      }
    },

    release({ callId, attempt }, at) {
      const held = notes.of(callId).find((one) => one.attempt === attempt)
      if (!held) throw new Error(`Attempt ${attempt} of ${callId} holds nothing.`)
      try {
        insertSettle.run(held.agentId, held.entry, at, 0)
      } catch (problem) {
        notes.forget()
        throw problem
      }
      notes.release(callId, attempt)
    },

    charge(call, at) {
      let charged = 0
      for (const { agentId, entry, attempt } of notes.of(call.id)) {
        if (agentId !== call.agentId) throw new Error(`${call.id} is a call of ${call.agentId}, and its attempt ${attempt} was reserved by ${agentId}.`)
        const amount = call.attempts[attempt - 1]?.receipt?.total ?? 0
        insertSettle.run(agentId, entry, at, amount)
        charged += amount
      }
      if (charged !== call.cost) {
        throw new Error(`${call.id} costs ${call.cost}, and its attempts with a reservation ${charged}: every attempt is reserved before it leaves.`)
      }
      notes.finish(call.id)
    },
    rolledBack: () => notes.forget(),

    totals: async () => totals.all().map(toTotals),
    openReservations: async () => notes.open().map(({ entry: _entry, ...reservation }) => reservation),
  }
}

interface TotalsRow {
  agent_id: AgentId
  limit_amount: number
  spent: number
  raises: number
  calls: number
}

const TOTALS = `
  SELECT agent_id, limit_amount, spent, raises, coalesce(calls, 0) AS calls FROM (
    SELECT agent_id,
      sum(CASE WHEN kind IN ('limit', 'raise') THEN amount ELSE 0 END) AS limit_amount,
      sum(CASE WHEN kind = 'settle' THEN amount ELSE 0 END) AS spent,
      sum(kind = 'raise') AS raises
    FROM ledger GROUP BY agent_id)
  LEFT JOIN (SELECT agent_id, sum(outcome = 'answered' OR cost > 0) AS calls FROM call_costs GROUP BY agent_id) USING (agent_id)
  ORDER BY agent_id`

function toTotals(row: TotalsRow): LedgerTotals {
  return { agentId: row.agent_id, limit: row.limit_amount, spent: row.spent, raises: row.raises, calls: row.calls }
}
