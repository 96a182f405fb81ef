import type { AgentId } from '../../../shared/domain/agent.ts'
import type { SafetyRecord } from '../../../shared/domain/safety.ts'
import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { addToCounts, noCounts } from '../../audit/safetyCounts.ts'
import { verifyChain, type ChainVerdict } from '../../audit/verifyChain.ts'
import type { SafetyCounts } from '../../../shared/domain/safety.ts'
import { SAFETY_AUDIT, SAFETY_TABLES, toFields, toLink, toRecord, toRow, type AuditRow } from '../auditRows.ts'
import type { AuditFound } from '../chainWriter.ts'
import type { RecordRange, SafetyAudit } from '../repositories.ts'
import { createPostgresChain, postgresChainSource } from './chain.ts'
import type { PostgresDatabase } from './database.ts'
import { storable, type Sql, type Value } from './sql.ts'

/** Read at once on the way through all of them. */
const PAGE = 100

export interface SafetyAuditWriter {
  /** Within the transaction of the records' event. */
  add(sql: Sql, records: readonly SafetyRecord[]): Promise<void>
  sealWith(sql: Sql, key: Buffer | null): Promise<void>
  readonly found: AuditFound
}

export function createSafetyAuditWriter(): SafetyAuditWriter {
  const chain = createPostgresChain(SAFETY_TABLES)
  return {
    get found() {
      return chain.found
    },
    sealWith: (sql, key) => chain.begin(sql, key),
    async add(sql, records) {
      const rows = records.map((record) => storableRow(toRow(record, 0)))
      await chain.append(
        sql,
        rows.map((row) => (place) => toFields({ ...row, place })),
        (ends) => sql.run(INSERT, [JSON.stringify(rows.map((row, index) => ({ ...row, ...ends[index] })))]),
      )
    },
  }
}

export function createPostgresSafetyAudit({ read }: PostgresDatabase, writer: SafetyAuditWriter, key: () => Buffer | null): SafetyAudit {
  const select = (query: Query, order: 'ASC' | 'DESC', limit: number): Promise<AuditRow[]> => {
    const names = (Object.keys(CONDITIONS) as (keyof Query)[]).filter((name) => query[name] !== undefined)
    const conditions = names.map((name, index) => `${CONDITIONS[name]} $${index + 2}`).join(' AND ')
    return read.rows<AuditRow>(`SELECT * FROM pii_audit WHERE ${conditions} ORDER BY place ${order} LIMIT $1`, [limit, ...names.map((name) => query[name] as Value)])
  }
  const source = postgresChainSource<AuditRow>(read, SAFETY_TABLES, toLink)
  let verifying: Promise<ChainVerdict> | null = null

  return {
    list: async ({ before = Number.MAX_SAFE_INTEGER, limit, ...range }) => {
      // One more than asked for tells whether there is another page.
      const rows = await select({ ...range, before }, 'DESC', limit + 1)
      const page = rows.slice(0, limit)
      return { records: page.map(toRecord), next: rows.length > limit ? (page.at(-1)?.place ?? null) : null }
    },
    get: async (id) => {
      const [row] = await read.rows<AuditRow>('SELECT * FROM pii_audit WHERE id = $1', [id])
      return row ? toRecord(row) : null
    },
    async each(range, visit) {
      for (let after = 0; ; ) {
        const rows = await select({ ...range, after }, 'ASC', PAGE)
        for (const row of rows) visit(toRecord(row), { place: row.place, hash: row.hash })
        const last = rows.at(-1)
        if (last === undefined || rows.length < PAGE) return
        after = last.place
      }
    },
    counts: async () => {
      const all = new Map<AgentId, SafetyCounts>()
      for (const { agent_id, count, ...what } of await read.rows<CountRow>(COUNTS)) {
        all.set(agent_id, addToCounts(all.get(agent_id) ?? noCounts(), what, count))
      }
      return all
    },
    // Who asks while it goes on is told the same.
    verify: () => (verifying ??= verifyChain(source, SAFETY_AUDIT, key()).finally(() => (verifying = null))),
    unsealed: async () => {
      const { found } = writer
      return found.is === 'unsealed' ? { from: found.from, to: found.to } : null
    },
  }
}

/** What is hashed is what comes back. */
function storableRow<R extends Omit<AuditRow, 'hash'>>(row: R): R {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? storable(value) : value])) as unknown as R
}

type Query = RecordRange & { readonly before?: number; readonly after?: number }

const CONDITIONS: Readonly<Record<keyof Query, string>> = {
  agentId: 'agent_id =',
  kind: 'kind =',
  type: 'type =',
  from: 'at >=',
  until: 'at <',
  before: 'place <',
  after: 'place >',
}

interface CountRow {
  agent_id: AgentId
  kind: 'private' | 'unauthorised' | 'injection'
  action: AuditRow['action']
  type: PrivateType
  count: number
}

const COUNTS = `
  SELECT agent_id, kind, action, type, sum(times)::bigint AS count FROM pii_audit
  WHERE agent_id IS NOT NULL AND kind IN ('private', 'unauthorised', 'injection') GROUP BY agent_id, kind, action, type ORDER BY agent_id, kind, action, type`

const INSERT = 'INSERT INTO pii_audit SELECT * FROM jsonb_populate_recordset(NULL::pii_audit, $1::jsonb) ORDER BY place'
