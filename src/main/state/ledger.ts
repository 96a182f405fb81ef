import type { Statement } from 'better-sqlite3'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import { bareTransaction } from './bareTransaction.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { Ledger, LedgerEntry, LedgerTotals, OpenReservation } from './repositories.ts'

const NEXT = '(SELECT coalesce(max(seq), 0) + 1 FROM ledger)'

/** Agent, moment, amount, call, attempt. */
export const SETTLE = `INSERT INTO ledger (seq, kind, agent_id, at, amount, call_id, attempt) VALUES (${NEXT}, 'settle', ?, ?, ?, ?, ?)`

export function createLedger({ fast }: OpenDatabase): Ledger {
  const limit = fast.prepare(`INSERT INTO ledger (seq, kind, agent_id, at, amount) VALUES (${NEXT}, 'limit', ?, ?, ?)`)
  const raise = fast.prepare(`INSERT INTO ledger (seq, kind, agent_id, at, amount, actor, reason) VALUES (${NEXT}, 'raise', ?, ?, ?, ?, ?)`)
  const reserve = fast.prepare(
    `INSERT INTO ledger (seq, kind, agent_id, at, amount, call_id, attempt, model) VALUES (${NEXT}, 'reserve', ?, ?, ?, ?, ?, ?)`,
  )
  const settle = fast.prepare(SETTLE)
  const totals = fast.prepare(TOTALS) as Statement<[], TotalsRow>
  const open = fast.prepare(OPEN_RESERVATIONS) as Statement<[], OpenRow>
  const transaction = bareTransaction(fast)

  function write(entry: LedgerEntry): void {
    const { agentId, at, amount } = entry
    switch (entry.kind) {
      case 'limit':
        limit.run(agentId, at, amount)
        break
      case 'raise':
        raise.run(agentId, at, amount, entry.actor, entry.reason)
        break
      case 'reserve':
        reserve.run(agentId, at, amount, entry.callId, entry.attempt, entry.model)
        break
      case 'settle':
        settle.run(agentId, at, amount, entry.callId, entry.attempt)
        break
    }
  }

  return {
    append(entries) {
      const [only] = entries
      if (only === undefined) return
      // One row is all or none by itself.
      if (entries.length === 1) write(only)
      else transaction.run(() => entries.forEach(write))
    },
    totals: async () => totals.all().map(toTotals),
    openReservations: async () => open.all().map(toOpenReservation),
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
  LEFT JOIN (SELECT agent_id, sum(outcome = 'answered' OR cost > 0) AS calls FROM calls GROUP BY agent_id) USING (agent_id)
  ORDER BY agent_id`

function toTotals(row: TotalsRow): LedgerTotals {
  return { agentId: row.agent_id, limit: row.limit_amount, spent: row.spent, raises: row.raises, calls: row.calls }
}

interface OpenRow {
  agent_id: AgentId
  call_id: CallId
  attempt: number
  model: string
  at: number
  amount: number
}

const OPEN_RESERVATIONS = `
  SELECT agent_id, call_id, attempt, model, at, amount FROM ledger
  WHERE kind = 'reserve' AND (call_id, attempt) IN (
    SELECT call_id, attempt FROM ledger WHERE call_id IS NOT NULL GROUP BY call_id, attempt HAVING count(*) = 1)
  ORDER BY seq`

function toOpenReservation(row: OpenRow): OpenReservation {
  return { agentId: row.agent_id, callId: row.call_id, attempt: row.attempt, model: row.model, at: row.at, amount: row.amount }
}
