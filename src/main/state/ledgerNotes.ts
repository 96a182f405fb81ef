import type { Database } from 'better-sqlite3'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import type { OpenReservation } from './repositories.ts'

export interface HeldReservation extends OpenReservation {
  readonly entry: number
}

/** Where the ledger stands, read out of it once and kept in step with it: looking it up for each call would cost as much as writing. */
export interface LedgerNotes {
  /** The agent's last entry; 0 before the first. */
  last(agentId: AgentId): number
  advance(agentId: AgentId, entry: number): void
  hold(reservation: HeldReservation): void
  of(callId: CallId): readonly HeldReservation[]
  release(callId: CallId, attempt: number): void
  finish(callId: CallId): void
  /** Oldest first. */
  open(): HeldReservation[]
  /** Reads all of it anew when it is asked the next time. */
  forget(): void
}

interface Notes {
  readonly lastEntries: Map<AgentId, number>
  readonly held: Map<CallId, HeldReservation[]>
}

export function createLedgerNotes(database: Database): LedgerNotes {
  const lastOf = database.prepare<[string], number | null>('SELECT max(entry) FROM ledger WHERE agent_id = ?').pluck()
  const open = database.prepare<[], HeldRow>(OPEN)
  let known: Notes | null = null

  function read(): Notes {
    const calls = new Map<CallId, HeldReservation[]>()
    for (const row of open.all()) append(calls, toReservation(row))
    return { lastEntries: new Map(), held: calls }
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
    hold: (reservation) => append(notes().held, reservation),
    of: (callId) => notes().held.get(callId) ?? [],
    release(callId, attempt) {
      const { held } = notes()
      held.set(callId, (held.get(callId) ?? []).filter((one) => one.attempt !== attempt))
      if (held.get(callId)?.length === 0) held.delete(callId)
    },
    finish: (callId) => void notes().held.delete(callId),
    open: () => [...notes().held.values()].flat(),
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
}

const OPEN = `
  SELECT agent_id, entry, call_id, attempt, model, at, amount FROM ledger AS held
  WHERE kind = 'reserve' AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE agent_id = held.agent_id AND entry = held.entry AND kind = 'settle')
  ORDER BY at, agent_id, entry`

function toReservation(row: HeldRow): HeldReservation {
  const { entry, attempt, model, at, amount } = row
  return { agentId: row.agent_id, callId: row.call_id, entry, attempt, model, at, amount }
}
