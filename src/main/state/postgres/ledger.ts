import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Call, CallId } from '../../../shared/domain/llm.ts'
import type { Millis, Nanodollars } from '../../../shared/domain/units.ts'
import type { Ledger, LedgerEntry, LedgerTotals, OpenReservation } from '../repositories.ts'
import type { PostgresDatabase } from './database.ts'
import { columns, type Sql } from './sql.ts'

export function createPostgresLedger({ read, write, isShared }: PostgresDatabase, instance: string | null): Ledger {
  return {
    async append(entries) {
      if (entries.length === 0) return
      await write(async (sql) => {
        // Whoever numbers the entries of an agent does so alone; in one order, so that nobody waits for each other.
        if (isShared) await sql.rows(LOCK, [[...new Set(entries.map(({ agentId }) => agentId))].sort()])
        await sql.run(APPEND, [...valuesOf(entries), instance])
      })
    },
    release: ({ callId, attempt }, at) =>
      write(async (sql) => {
        if ((await sql.run(RELEASE, [callId, attempt, at])) === 0) throw new Error(`Attempt ${attempt} of ${callId} holds nothing.`)
      }),
    totals: async () => (await read.rows<TotalsRow>(TOTALS)).map(toTotals),
    openReservations: async (of: string | null = instance) => {
      const rows = isShared ? await read.rows<HeldRow>(`${HELD} AND ${OF_INSTANCE} ${IN_ORDER}`, [of]) : await read.rows<HeldRow>(`${HELD} ${IN_ORDER}`)
      return rows.map(toReservation)
    },
  }
}

/** Within the transaction of the calls' events: charges each of their reservations, and so gives the rest back. */
export async function charge(sql: Sql, calls: readonly { readonly call: Call; readonly at: Millis }[]): Promise<void> {
  const held = await sql.rows<HeldRow>(`${HELD} AND call_id = ANY($1) ORDER BY call_id, attempt`, [calls.map(({ call }) => call.id)])
  const settled = calls.flatMap(({ call, at }) => settlements(call, at, held.filter(({ call_id }) => call_id === call.id)))
  if (settled.length === 0) return
  await sql.run(SETTLE, columns(settled, ({ agentId }) => agentId, ({ entry }) => entry, ({ at }) => at, ({ amount }) => amount))
}

interface Settlement {
  readonly agentId: AgentId
  readonly entry: number
  readonly at: Millis
  readonly amount: Nanodollars
}

function settlements(call: Call, at: Millis, held: readonly HeldRow[]): Settlement[] {
  const settled = held.map(({ agent_id, entry, attempt }) => {
    if (agent_id !== call.agentId) throw new Error(`${call.id} is a call of ${call.agentId}, and its attempt ${attempt} was reserved by ${agent_id}.`)
    return { agentId: agent_id, entry, at, amount: call.attempts[attempt - 1]?.receipt?.total ?? 0 }
  })
  const charged = settled.reduce((sum, { amount }) => sum + amount, 0)
  if (charged !== call.cost) {
    throw new Error(`${call.id} costs ${call.cost}, and its attempts with a reservation ${charged}: every attempt is reserved before it leaves.`)
  }
  return settled
}

const SETTLE = `
  INSERT INTO ledger (agent_id, entry, kind, at, amount)
  SELECT agent_id, entry, 'settle', at, amount FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS given (agent_id, entry, at, amount)`

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('ledger ' || agent_id, 0)) FROM unnest($1::text[]) AS given (agent_id)`

/** Numbered for each agent in the order in which they are given. */
const APPEND = `
  INSERT INTO ledger (agent_id, entry, kind, at, amount, call_id, attempt, model, actor, reason, instance)
  SELECT agent_id,
    coalesce((SELECT max(entry) FROM ledger WHERE agent_id = given.agent_id), 0) + row_number() OVER (PARTITION BY agent_id ORDER BY place),
    kind, at, amount, call_id, attempt, model, actor, reason, $10
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS given (agent_id, kind, at, amount, call_id, attempt, model, actor, reason, place)
  ORDER BY place`

function valuesOf(entries: readonly LedgerEntry[]): ReturnType<typeof columns> {
  const reserved = <V>(of: (entry: Extract<LedgerEntry, { kind: 'reserve' }>) => V) => (entry: LedgerEntry) => (entry.kind === 'reserve' ? of(entry) : null)
  const raised = (of: (entry: Extract<LedgerEntry, { kind: 'raise' }>) => string) => (entry: LedgerEntry) => (entry.kind === 'raise' ? of(entry) : null)
  return columns(
    entries,
    ({ agentId }) => agentId,
    ({ kind }) => kind,
    ({ at }) => at,
    ({ amount }) => amount,
    reserved(({ callId }) => callId),
    reserved(({ attempt }) => attempt),
    reserved(({ model }) => model),
    raised(({ actor }) => actor),
    raised(({ reason }) => reason),
  )
}

interface TotalsRow {
  agent_id: AgentId
  limit_amount: number
  spent: number
  raises: number
  calls: number
}

/** Sums of bigint are numeric: cast back, they are exact or refused. */
const TOTALS = `
  SELECT agent_id, limit_amount, spent, raises, coalesce(calls, 0) AS calls FROM (
    SELECT agent_id,
      coalesce(sum(amount) FILTER (WHERE kind IN ('limit', 'raise')), 0)::bigint AS limit_amount,
      coalesce(sum(amount) FILTER (WHERE kind = 'settle'), 0)::bigint AS spent,
      count(*) FILTER (WHERE kind = 'raise') AS raises
    FROM ledger GROUP BY agent_id) AS sums
  LEFT JOIN (SELECT agent_id, count(*) FILTER (WHERE outcome = 'answered' OR cost > 0) AS calls FROM call_costs GROUP BY agent_id) AS counted USING (agent_id)
  ORDER BY agent_id`

interface HeldRow {
  agent_id: AgentId
  entry: number
  call_id: CallId
  attempt: number
  model: string
  at: number
  amount: number
}

const HELD = `
  SELECT agent_id, entry, call_id, attempt, model, at, amount FROM ledger AS held
  WHERE kind = 'reserve' AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE agent_id = held.agent_id AND entry = held.entry AND kind = 'settle')`

const RELEASE = `INSERT INTO ledger (agent_id, entry, kind, at, amount) SELECT agent_id, entry, 'settle', $3::bigint, 0 FROM (${HELD}) AS open WHERE call_id = $1 AND attempt = $2::bigint`

const IN_ORDER = 'ORDER BY at, agent_id, entry'
// What is from before there were several is settled by whoever opens the database while nobody else has it.
const OF_INSTANCE = `(instance = $1 OR instance IS NULL AND NOT EXISTS (SELECT 1 FROM instances WHERE id <> $1 AND ends_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint))`

function toTotals(row: TotalsRow): LedgerTotals {
  return { agentId: row.agent_id, limit: row.limit_amount, spent: row.spent, raises: row.raises, calls: row.calls }
}

function toReservation({ attempt, model, at, amount, ...row }: HeldRow): OpenReservation {
  return { agentId: row.agent_id, callId: row.call_id, attempt, model, at, amount }
}
