import type { Database, Statement } from 'better-sqlite3'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { SafetyCounts } from '../../shared/domain/safety.ts'
import type { PrivateType } from '../../shared/domain/safetyRules.ts'
import { verifyChain, type ChainSource, type ChainVerdict } from '../audit/verifyChain.ts'
import { addToCounts, noCounts } from '../audit/safetyCounts.ts'
import { nextTurn } from '../nextTurn.ts'
import { SAFETY_AUDIT, SAFETY_TABLES, toLink, toRecord, type AuditRow } from './auditRows.ts'
import type { AuditWriter } from './auditWriter.ts'
import { chainSourceOf } from './chainSource.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { RecordRange, SafetyAudit } from './repositories.ts'

/** Read at once on the way through all of them; between two pages others have their turn. */
const PAGE = 100
/** Records looked at by one statement: where few fit, none goes through all that there are. */
const STRETCH = 8_192

export function createAuditRepository({ fast }: Pick<OpenDatabase, 'fast'>, writer: AuditWriter, key: () => Buffer | null, stretch = STRETCH): SafetyAudit {
  const select = selecting(fast)
  const lastPlace = fast.prepare<[], number>('SELECT coalesce(max(place), 0) FROM pii_audit').pluck()
  const get = fast.prepare<[string], AuditRow>('SELECT * FROM pii_audit WHERE id = ?')
  const counts = fast.prepare<[], CountRow>(`
    SELECT agent_id, kind, action, type, sum(times) AS count FROM pii_audit
    WHERE agent_id IS NOT NULL AND kind IN ('private', 'unauthorised', 'injection') GROUP BY agent_id, kind, action, type`)
  const source = chainSource(fast)
  let verifying: Promise<ChainVerdict> | null = null

  return {
    list: async ({ before = Number.MAX_SAFE_INTEGER, limit, ...range }) => {
      // One more than asked for tells whether there is another page.
      const rows: AuditRow[] = []
      for (let end = Math.min(before, (lastPlace.get() ?? 0) + 1); end > 1 && rows.length <= limit; end -= stretch) {
        rows.push(...select({ ...range, before: end, after: end - 1 - stretch }, 'DESC', limit + 1 - rows.length))
        if (rows.length <= limit) await nextTurn()
      }
      const page = rows.slice(0, limit)
      return { records: page.map(toRecord), next: rows.length > limit ? (page.at(-1)?.place ?? null) : null }
    },
    get: async (id) => {
      const row = get.get(id)
      return row ? toRecord(row) : null
    },
    async each(range, visit) {
      const last = lastPlace.get() ?? 0
      for (let after = 0; after < last; ) {
        const rows = select({ ...range, after, before: after + stretch + 1 }, 'ASC', PAGE)
        for (const row of rows) visit(toRecord(row), { place: row.place, hash: row.hash })
        after = rows.length < PAGE ? after + stretch : (rows.at(-1)?.place ?? last)
        await nextTurn()
      }
    },
    counts: async () => {
      const all = new Map<AgentId, SafetyCounts>()
      for (const { agent_id, count, ...what } of counts.iterate()) {
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

interface CountRow {
  agent_id: AgentId
  kind: 'private' | 'unauthorised' | 'injection'
  action: AuditRow['action']
  type: PrivateType
  count: number
}

/** The safety audit as it stands in a database, for whoever verifies it. */
export function chainSource(database: Database): ChainSource {
  return chainSourceOf<AuditRow>(database, SAFETY_TABLES, toLink)
}

type Query = RecordRange & { readonly before?: number; readonly after?: number }

const CONDITIONS: Readonly<Record<keyof Query, string>> = {
  agentId: 'agent_id = @agentId',
  kind: 'kind = @kind',
  type: 'type = @type',
  from: 'at >= @from',
  until: 'at < @until',
  before: 'place < @before',
  after: 'place > @after',
}

/** A statement for each set of conditions, made when it is first asked for: so each takes the index that fits. */
function selecting(database: Database): (query: Query, order: 'ASC' | 'DESC', limit: number) => AuditRow[] {
  const statements = new Map<string, Statement<[Query & { limit: number }], AuditRow>>()
  return (query, order, limit) => {
    const conditions = (Object.keys(CONDITIONS) as (keyof Query)[]).filter((name) => query[name] !== undefined).map((name) => CONDITIONS[name])
    // Said once more as it stands in the index: only then SQLite takes it.
    if (query.kind !== undefined && query.kind !== 'private') conditions.push(`kind <> 'private'`)
    const sql = `SELECT * FROM pii_audit WHERE ${conditions.join(' AND ')} ORDER BY place ${order} LIMIT @limit`
    let statement = statements.get(sql)
    if (!statement) {
      statement = database.prepare<[Query & { limit: number }], AuditRow>(sql)
      statements.set(sql, statement)
    }
    return statement.all({ ...query, limit })
  }
}
