import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Event, EventName, EventOf } from '../../../shared/domain/event.ts'
import { toEvent, type EventRow } from '../eventReader.ts'
import type { EventStore } from '../repositories.ts'
import type { PostgresDatabase } from './database.ts'
import type { PostgresProjections } from './projections.ts'
import { columns, storable, type Sql } from './sql.ts'

/** Few enough that nobody waits long for them. */
const FORGOTTEN_AT_ONCE = 2_000

type Pending = Parameters<EventStore['append']>[0]

export function createPostgresEvents({ read, write }: PostgresDatabase, project: PostgresProjections): EventStore {
  async function store(sql: Sql, pending: Pending): Promise<Event[]> {
    // The row stays locked until the end: no place is seen before the one in front of it, and none is left out.
    const [sequence] = await sql.rows<{ latest: number }>('UPDATE event_sequence SET latest = latest + $1 RETURNING latest', [pending.length])
    const first = (sequence?.latest ?? 0) - pending.length + 1
    const events = pending.map((one, index) => eventOf(one, first + index))
    const payloads = events.map(({ payload }) => JSON.stringify(payload))
    const values = columns(
      events,
      ({ seq }) => seq,
      ({ at }) => at,
      ({ name }) => name,
      ({ severity }) => severity,
      ({ agentId }) => agentId,
      ({ message }) => message,
      ({ seq }) => payloads[seq - first] ?? null,
    )
    await sql.run(INSERT, values)
    await project(sql, events.map((event, index) => ({ event, payload: payloads[index] ?? '' })))
    return events
  }

  return {
    append: async (pending) => (pending.length === 0 ? [] : write((sql) => store(sql, pending))),
    after: async (seq, limit, agentId) => (await read.rows<EventRow>(agentId === undefined ? AFTER : AFTER_OF_AGENT, agentId === undefined ? [seq, limit] : [seq, limit, agentId])).map(toEvent),
    lastOfBudget: async <N extends EventName>(name: N, agentId: AgentId) => {
      const [row] = await read.rows<EventRow>(LAST_OF_BUDGET, [agentId, name])
      return row ? (toEvent(row) as EventOf<N>) : null
    },
    countAfter: async (seq, atMost) =>
      (await read.rows<{ count: number }>('SELECT count(*) AS count FROM (SELECT 1 FROM events WHERE seq > $1 LIMIT $2) AS counted', [seq, atMost]))[0]?.count ?? 0,
    bounds: () => boundsOf(read),
    canContinueFrom: async (seq) => {
      const { oldest, latest } = await boundsOf(read)
      return seq <= latest && seq >= oldest - 1
    },
    async forgetBefore(moment) {
      for (let forgotten = 0; ; ) {
        const count = await write((sql) => forgetSome(sql, moment))
        forgotten += count
        if (count < FORGOTTEN_AT_ONCE) return forgotten
      }
    },
  }
}

async function boundsOf(sql: Sql): Promise<{ oldest: number; latest: number }> {
  const [row] = await sql.rows<{ oldest: number; latest: number }>('SELECT kept_from AS oldest, latest FROM event_sequence')
  return row ?? { oldest: 1, latest: 0 }
}

/** From the front up to the first that is young enough, never beyond it: a clock that was set back must not punch holes. */
async function forgetSome(sql: Sql, moment: number): Promise<number> {
  // Of two rooms that forget at once, the second looks at what the first has left.
  await sql.rows('SELECT kept_from FROM event_sequence FOR UPDATE')
  const front = await sql.rows<{ seq: number; at: number }>('SELECT seq, at FROM events ORDER BY seq LIMIT $1', [FORGOTTEN_AT_ONCE])
  const young = front.findIndex(({ at }) => at >= moment)
  const old = young === -1 ? front : front.slice(0, young)
  const last = old.at(-1)
  if (last === undefined) return 0
  await sql.run('UPDATE event_sequence SET kept_from = $1', [last.seq + 1])
  await sql.run('DELETE FROM events WHERE seq <= $1', [last.seq])
  return old.length
}

function eventOf({ announcement, at }: Pending[number], seq: number): Event {
  const { name, severity, agentId, message, payload } = announcement
  return Object.freeze({ seq, at, severity, agentId, message: storable(message), name, payload }) as Event
}

const INSERT = `
  INSERT INTO events SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS given (seq) ORDER BY seq`
const AFTER = 'SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2'
const AFTER_OF_AGENT = 'SELECT * FROM events WHERE agent_id = $3 AND seq > $1 ORDER BY seq LIMIT $2'
// The list stands here as it stands in the index.
const LAST_OF_BUDGET = `
  SELECT * FROM events WHERE agent_id = $1 AND name = $2 AND name IN ('agent.progressed', 'budget.exhausted') ORDER BY seq DESC LIMIT 1`
