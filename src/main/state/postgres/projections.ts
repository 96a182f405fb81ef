import type { Event, EventOf } from '../../../shared/domain/event.ts'
import { inputTokens, outputTokens } from '../../../shared/domain/tokenSums.ts'
import { charge } from './ledger.ts'
import type { SafetyAuditWriter } from './safetyAudit.ts'
import { columns, type Sql } from './sql.ts'

export interface StoredEvent {
  readonly event: Event
  /** As it is stored. */
  readonly payload: string
}

/** What events change besides the sequence, in their very transaction; what throws takes them back. */
export type PostgresProjections = (sql: Sql, stored: readonly StoredEvent[]) => Promise<void>

type Finished = EventOf<'llm.callFinished'>

export function createPostgresProjections(audit: SafetyAuditWriter, instance: string | null): PostgresProjections {
  return async (sql, stored) => {
    for (const { event, payload } of stored) {
      if (event.name === 'agent.changed') await sql.run(UPSERT_AGENT, [event.payload.agent.id, event.payload.agent.createdAt, payload, instance])
      if (event.name === 'agent.removed') for (const statement of REMOVE_AGENT) await sql.run(statement, [event.agentId])
      if (event.name === 'safety.recorded') await audit.add(sql, event.payload.records)
    }
    // They come by the hundred, and depend on nothing of the above: a few statements for all of them.
    const finished = stored.filter(({ event }) => event.name === 'llm.callFinished') as { event: Finished; payload: string }[]
    if (finished.length > 0) await finishCalls(sql, finished)
  }
}

async function finishCalls(sql: Sql, finished: readonly { readonly event: Finished; readonly payload: string }[]): Promise<void> {
  const rows = finished.map(({ event: { seq, at, payload: { call } }, payload }) => ({ seq, at, call, payload }))
  await charge(sql, rows)
  await sql.run(INSERT_CALLS, columns(rows, ({ seq }) => seq, ({ call }) => call.id, ({ at }) => at, ({ payload }) => payload))
  await sql.run(
    INSERT_COSTS,
    columns(
      rows,
      ({ call }) => call.agentId,
      ({ seq }) => seq,
      ({ at }) => at,
      ({ call }) => call.model,
      ({ call }) => call.outcome,
      ({ call }) => call.refusal,
      ({ call }) => inputTokens(call.usage),
      ({ call }) => outputTokens(call.usage),
      ({ call }) => call.usage.cacheRead ?? 0,
      ({ call }) => call.usage.reasoning ?? 0,
      ({ call }) => call.cost,
    ),
  )
}

const INSERT_CALLS = 'INSERT INTO calls SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[])'
const INSERT_COSTS = `
  INSERT INTO call_costs SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])`

/** It stays with the instance that it came from, also where another one tells how it ended. */
const UPSERT_AGENT = `
  INSERT INTO agents (id, created_at, payload, instance) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, payload = excluded.payload`

/** What an agent was charged outlives it: the ledger and its calls are the bill. */
const REMOVE_AGENT = [
  'DELETE FROM agents WHERE id = $1',
  'DELETE FROM checkpoints WHERE agent_id = $1',
  'DELETE FROM launch_plans WHERE agent_id = $1',
  'DELETE FROM safety_rules WHERE agent_id = $1',
  'DELETE FROM safety_allowances WHERE agent_id = $1',
]
