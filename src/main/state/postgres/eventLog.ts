import { fitsWords, lineOf, soughtWords, type EventFilter, type EventLine } from '../../../shared/domain/eventFilter.ts'
import { toEvent, type EventRow } from '../eventReader.ts'
import type { EventLog, EventLook } from '../repositories.ts'
import type { PostgresDatabase } from './database.ts'
import type { Value } from './sql.ts'

/** Rows that come at once. */
const PAGE = 1_024
/** Places looked at by one statement: where little fits, none goes through all that there is. */
const STRETCH = 65_536

/** SQL narrows, the rule that the page has too decides on words. */
export function createPostgresEventLog({ read }: PostgresDatabase): EventLog {
  /** Until `visit` says that it has enough. */
  async function look({ filter, after, until }: EventLook, selected: string, limit: number, visit: (row: EventRow) => unknown): Promise<void> {
    const words = soughtWords(filter.text)
    const { conditions, values } = narrowing(filter)
    const sql = `SELECT ${words.length === 0 ? selected : '*'} FROM events WHERE seq > $1 AND seq <= $2 ${conditions} ORDER BY seq LIMIT $3`
    const [first] = await read.rows<{ seq: number | null }>('SELECT min(seq) AS seq FROM events')
    let left = limit
    for (let from = Math.max(after, (first?.seq ?? 1) - 1); from < until && left > 0; ) {
      const end = Math.min(until, from + STRETCH)
      const most = words.length === 0 ? Math.min(left, PAGE) : PAGE
      const rows = await read.rows<EventRow>(sql, [from, end, most, ...values])
      for (const row of rows) {
        if (left === 0 || !fitsWords({ ...row, agentId: row.agent_id, name: row.name as EventLine['name'] }, () => row.payload, words)) continue
        visit(row)
        left -= 1
      }
      from = rows.length < most ? end : (rows.at(-1)?.seq ?? end)
    }
  }

  return {
    places: (range, visit) => look(range, 'seq', Number.MAX_SAFE_INTEGER, ({ seq }) => visit(seq)),
    async lines(range, limit) {
      const lines: EventLine[] = []
      await look(range, 'seq, at, name, severity, agent_id, message', limit, ({ agent_id: agentId, ...row }) => lines.push(lineOf({ ...row, agentId } as EventLine)))
      return lines
    },
    each: (range, visit) => look(range, '*', Number.MAX_SAFE_INTEGER, (row) => visit(toEvent(row))),
  }
}

function narrowing({ agentId, withRoom = false, severities, names }: EventFilter): { conditions: string; values: Value[] } {
  const values: Value[] = []
  /** Its number, behind the three of the stretch. */
  const bind = (value: Value): string => `$${values.push(value) + 3}`
  const conditions = [
    ...(agentId === undefined ? [] : [withRoom ? `(agent_id = ${bind(agentId)} OR agent_id IS NULL)` : `agent_id = ${bind(agentId)}`]),
    ...(severities === undefined ? [] : [`severity = ANY(${bind([...severities])}::text[])`]),
    ...(names === undefined ? [] : [`name = ANY(${bind([...names])}::text[])`]),
  ]
  return { conditions: conditions.map((one) => `AND ${one}`).join(' '), values }
}
