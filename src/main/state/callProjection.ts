import type { Database } from 'better-sqlite3'
import { inputTokens, outputTokens } from '../../shared/domain/tokenSums.ts'
import type { SqliteLedger } from './ledger.ts'
import type { Projections } from './projections.ts'

/** A finished call: its rows, and the charge for each of its reservations. */
export function createCallProjection(database: Database, ledger: SqliteLedger): Projections<'llm.callFinished'> {
  const insertCall = database.prepare('INSERT INTO calls VALUES (?, ?, ?, ?)')
  const insertCost = database.prepare('INSERT INTO call_costs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  return {
    'llm.callFinished': ({ seq, at, payload: { call } }, payload) => {
      const { agentId, model, outcome, refusal, usage, cost } = call
      ledger.charge(call, at)
      insertCall.run(seq, call.id, at, payload)
      const tokens = [inputTokens(usage), outputTokens(usage), usage.cacheRead ?? 0, usage.reasoning ?? 0]
      insertCost.run(agentId, seq, at, model, outcome, refusal, ...tokens, cost)
    },
  }
}
