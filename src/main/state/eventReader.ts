import type { Database } from 'better-sqlite3'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import { withPlanOfToday } from './oldPlans.ts'

/** 1,024 places make a block; an agent's events are looked for only in the blocks that have some. */
const BLOCK_BITS = 10

/** Not `>>`: JavaScript's knows 32 bits only. */
export function blockOf(seq: number): number {
  return Math.floor(seq / 2 ** BLOCK_BITS)
}

export interface EventRow {
  seq: number
  at: number
  name: string
  severity: string
  agent_id: string | null
  message: string
  payload: string
}

export interface EventReader {
  after(seq: number, limit: number, agentId?: AgentId): Event[]
  countAfter(seq: number, atMost: number): number
  lastOfBudget(name: string, agentId: AgentId): Event | null
}

export function createEventReader(database: Database): EventReader {
  const page = database.prepare<[number, number], EventRow>('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
  const ofAgent = database.prepare<{ agentId: string; seq: number; limit: number }, EventRow>(`
    SELECT events.* FROM event_blocks CROSS JOIN events
    WHERE event_blocks.agent_id = @agentId AND block >= @seq >> ${BLOCK_BITS}
      AND seq BETWEEN max(@seq + 1, block << ${BLOCK_BITS}) AND (block << ${BLOCK_BITS}) + ${(1 << BLOCK_BITS) - 1}
      AND events.agent_id = @agentId
    ORDER BY block, seq LIMIT @limit`)
  const count = database.prepare('SELECT count(*) FROM (SELECT 1 FROM events WHERE seq > ? LIMIT ?)').pluck()
  // The list stands here as it stands in the index: only then SQLite takes it.
  const lastOfBudget = database.prepare<[string, string], EventRow>(`
    SELECT * FROM events WHERE agent_id = ? AND name = ? AND name IN ('agent.progressed', 'budget.exhausted') ORDER BY seq DESC LIMIT 1`)
  return {
    after: (seq, limit, agentId) =>
      (agentId === undefined ? page.all(seq, limit) : ofAgent.all({ agentId, seq, limit })).map(toEvent),
    countAfter: (seq, atMost) => count.get(seq, atMost) as number,
    lastOfBudget(name, agentId) {
      const row = lastOfBudget.get(agentId, name)
      return row === undefined ? null : toEvent(row)
    },
  }
}

export function toEvent(row: EventRow): Event {
  const payload = JSON.parse(row.payload) as unknown
  return Object.freeze({
    seq: row.seq,
    at: row.at,
    severity: row.severity,
    agentId: row.agent_id,
    message: row.message,
    name: row.name,
    payload: row.name === 'agent.changed' ? withPlanOfToday(payload) : payload,
  }) as Event
}
