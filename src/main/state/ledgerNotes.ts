import type { Database } from 'better-sqlite3'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import type { OpenReservation } from './repositories.ts'

/** A reservation of a call that is not finished. */
export interface HeldReservation extends OpenReservation {
  readonly entry: number
  /** Null while it is open. */
  settled: number | null
}

/** Where the ledger stands, read out of it once and kept in step with it: looking it up for each call would cost as much as writing. */
export interface LedgerNotes {
  /** The agent's last entry; 0 before the first. */
  last(agentId: AgentId): number
  advance(agentId: AgentId, entry: number): void
  hold(reservation: HeldReservation): void
  find(callId: CallId, attempt: number): HeldReservation | undefined
  of(callId: CallId): readonly HeldReservation[]
  finish(callId: CallId): void
  /** Oldest first. */
  open(): HeldReservation[]
  /** Reads all of it anew when it is asked the next time. */
  forget(): void
}

interface Notes {
  readonly lastEntries: Map<AgentId, number>
  readonly unfinished: Map<CallId, HeldReservation[]>
}

export function createLedgerNotes(database: Database): LedgerNotes {
  const lastOf = database.prepare<[string], number | null>('SELECT max(entry) FROM ledger WHERE agent_id = ?').pluck()
  const unfinished = database.prepare<[], HeldRow>(UNFINISHED)
  let known: Notes | null = null

  function read(): Notes {
    const calls = new Map<CallId, HeldReservation[]>()
    for (const row of unfinished.all()) append(calls, toReservation(row))
    return { lastEntries: new Map(), unfinished: calls }
  }
  const notes = (): Notes => (known ??= read())

  return {
    last(agentId) {
      const { lastEntries } = notes()
      const last = lastEntries.get(agentId) ?? lastOf.get(agentId) ?? 0
      lastEntries.set(agentId, last)
      return last
    },
    advance: (agentId, entry) => void notes().lastEntries.set(agentId, entry),
    hold: (reservation) => append(notes().unfinished, reservation),
    find: (callId, attempt) => notes().unfinished.get(callId)?.find((one) => one.attempt === attempt),
    of: (callId) => notes().unfinished.get(callId) ?? [],
    finish: (callId) => void notes().unfinished.delete(callId),
    open: () => [...notes().unfinished.values()].flat().filter(({ settled }) => settled === null),
    forget: () => {
      known = null
    },
  }
}

function append(calls: Map<CallId, HeldReservation[]>, reservation: HeldReservation): void {
  const attempts = calls.get(reservation.callId)
  if (attempts) attempts.push(reservation)
  else calls.set(reservation.callId, [reservation])
}

interface HeldRow {
  agent_id: AgentId
  entry: number
  call_id: CallId
  attempt: number
  model: string
  at: number
  amount: number
  settled: number | null
}

const UNSETTLED = `
  SELECT call_id FROM ledger AS held WHERE kind = 'reserve' AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE agent_id = held.agent_id AND entry = held.entry AND kind = 'settle')`

/** All reservations of the calls of which one is open. */
const UNFINISHED = `
  SELECT held.agent_id, held.entry, held.call_id, held.attempt, held.model, held.at, held.amount, settlement.amount AS settled
  FROM ledger AS held
  LEFT JOIN ledger AS settlement ON settlement.agent_id = held.agent_id AND settlement.entry = held.entry AND settlement.kind = 'settle'
  WHERE held.kind = 'reserve' AND held.call_id IN (${UNSETTLED})
  ORDER BY held.at, held.agent_id, held.entry`

function toReservation(row: HeldRow): HeldReservation {
  const { entry, attempt, model, at, amount, settled } = row
  return { agentId: row.agent_id, callId: row.call_id, entry, attempt, model, at, amount, settled }
}
