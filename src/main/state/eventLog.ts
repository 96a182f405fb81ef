import type { Database, Statement } from 'better-sqlite3'
import { fitsWords, lineOf, soughtWords, type EventFilter, type EventLine } from '../../shared/domain/eventFilter.ts'
import { nextTurn } from '../nextTurn.ts'
import { toEvent, type EventRow } from './eventReader.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { EventLog, EventLook } from './repositories.ts'

/** Places looked at before others have their turn: a few milliseconds, also where words are looked for. */
const STRETCH = 1_024

const LINE = 'seq, at, name, severity, agent_id, message'
type Columns = 'seq' | typeof LINE | '*'
type Row = EventRow

interface Bounds {
  readonly after: number
  readonly until: number
  readonly limit: number
}

/** No index and no second copy for text: an event is stored far more often than looked for. SQL narrows, the rule that the page has too decides. */
export function createEventLog({ fast }: OpenDatabase): EventLog {
  const select = selecting(fast)
  const first = fast.prepare('SELECT min(seq) FROM events').pluck()

  /** Until `visit` says that it has enough. */
  async function look({ filter, after, until }: EventLook, columns: Columns, limit: number, visit: (row: Row) => unknown): Promise<void> {
    const words = soughtWords(filter.text)
    const read = select(filter, words.length === 0 ? columns : '*')
    let left = limit
    for (let from = Math.max(after, (first.get() as number | null ?? 1) - 1); from < until && left > 0; from += STRETCH) {
      const rows = read({ after: from, until: Math.min(until, from + STRETCH), limit: words.length === 0 ? left : STRETCH })
      for (const row of rows) {
        if (left === 0 || !fitsWords({ ...row, agentId: row.agent_id, name: row.name as EventLine['name'] }, () => row.payload, words)) continue
        visit(row)
        left -= 1
      }
      await nextTurn()
    }
  }

  return {
    places: (range, visit) => look(range, 'seq', Number.MAX_SAFE_INTEGER, ({ seq }) => visit(seq)),
    async lines(range, limit) {
      const lines: EventLine[] = []
      await look(range, LINE, limit, ({ agent_id: agentId, ...row }) => lines.push(lineOf({ ...row, agentId } as EventLine)))
      return lines
    },
    each: (range, visit) => look(range, '*', Number.MAX_SAFE_INTEGER, (row) => visit(toEvent(row))),
  }
}

/** A statement for each set of conditions, made when it is first asked for. */
function selecting(database: Database): (filter: EventFilter, columns: Columns) => (bounds: Bounds) => Row[] {
  const statements = new Map<string, Statement<[Record<string, unknown>], Row>>()
  return ({ agentId, withRoom = false, severities, names }, columns) => {
    const conditions = [
      'seq > @after AND seq <= @until',
      ...(agentId === undefined ? [] : [withRoom ? '(agent_id = @agentId OR agent_id IS NULL)' : 'agent_id = @agentId']),
      ...(severities === undefined ? [] : ['severity IN (SELECT value FROM json_each(@severities))']),
      ...(names === undefined ? [] : ['name IN (SELECT value FROM json_each(@names))']),
    ]
    const sql = `SELECT ${columns} FROM events WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT @limit`
    let statement = statements.get(sql)
    if (!statement) {
      statement = database.prepare<[Record<string, unknown>], Row>(sql)
      statements.set(sql, statement)
    }
    const prepared = statement
    const bound = {
      ...(agentId === undefined ? {} : { agentId }),
      ...(severities === undefined ? {} : { severities: JSON.stringify(severities) }),
      ...(names === undefined ? {} : { names: JSON.stringify(names) }),
    }
    return (bounds) => prepared.all({ ...bound, ...bounds })
  }
}
