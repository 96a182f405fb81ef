import type { Event, EventName, EventOf } from '../../../shared/domain/event.ts'
import { inputTokens, outputTokens } from '../../../shared/domain/tokenSums.ts'
import { charge } from './ledger.ts'
import type { SafetyAuditWriter } from './safetyAudit.ts'
import type { Sql } from './sql.ts'

/** What an event changes besides the sequence, in its very transaction; what throws takes the event back. */
export type PostgresProjections = (sql: Sql, event: Event, payload: string) => Promise<void>

type Each = { readonly [N in EventName]?: (sql: Sql, event: EventOf<N>, payload: string) => Promise<unknown> }

export function createPostgresProjections(audit: SafetyAuditWriter): PostgresProjections {
  const each: Each = {
    'agent.changed': (sql, { payload: { agent } }, payload) => sql.run(UPSERT_AGENT, [agent.id, agent.createdAt, payload]),
    'agent.removed': async (sql, { agentId }) => {
      for (const statement of REMOVE_AGENT) await sql.run(statement, [agentId])
    },
    'llm.callFinished': async (sql, { seq, at, payload: { call } }, payload) => {
      const { agentId, model, outcome, refusal, usage, cost } = call
      await charge(sql, call, at)
      await sql.run('INSERT INTO calls VALUES ($1, $2, $3, $4)', [seq, call.id, at, payload])
      const tokens = [inputTokens(usage), outputTokens(usage), usage.cacheRead ?? 0, usage.reasoning ?? 0]
      await sql.run('INSERT INTO call_costs VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [agentId, seq, at, model, outcome, refusal, ...tokens, cost])
    },
    'safety.recorded': (sql, { payload: { records } }) => audit.add(sql, records),
  }
  return async (sql, event, payload) => {
    await (each[event.name] as PostgresProjections | undefined)?.(sql, event, payload)
  }
}

const UPSERT_AGENT = `
  INSERT INTO agents VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, payload = excluded.payload`

/** What an agent was charged outlives it: the ledger and its calls are the bill. */
const REMOVE_AGENT = [
  'DELETE FROM agents WHERE id = $1',
  'DELETE FROM checkpoints WHERE agent_id = $1',
  'DELETE FROM launch_plans WHERE agent_id = $1',
  'DELETE FROM safety_rules WHERE agent_id = $1',
  'DELETE FROM safety_allowances WHERE agent_id = $1',
]
