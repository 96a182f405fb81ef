import type { AgentId } from '../../shared/domain/agent.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'
import type { Entry } from './breakerBook.ts'

/** A call under way. */
export interface Ticket {
  readonly callId: string
  readonly agentId: AgentId | null
  readonly entry: Entry
  readonly epoch: number
  readonly until: Millis
  /** The question's name in the cache; null where nothing is kept. */
  readonly question: string | null
}

/** The calls under way; who does not come back is let go. */
export interface CallTickets {
  countOf(agentId: AgentId | null): number
  add(ticket: Omit<Ticket, 'until'>): void
  take(callId: string): Ticket | null
  /** Those of one agent, whose process is gone. */
  takeAll(agentId: AgentId): Ticket[]
  close(): void
}

export function createCallTickets(clock: Clock, leaseMs: Millis, onOver: (ticket: Ticket) => void): CallTickets {
  /** All have the same lease: the order in which they came is the order in which they run out. */
  const open = new Map<string, Ticket>()
  const counts = new Map<AgentId | null, number>()
  let timer: Timer | null = null

  function remove(ticket: Ticket): Ticket {
    open.delete(ticket.callId)
    const left = (counts.get(ticket.agentId) ?? 1) - 1
    if (left === 0) counts.delete(ticket.agentId)
    else counts.set(ticket.agentId, left)
    return ticket
  }

  function arm(): void {
    if (timer !== null) return
    const first = open.values().next().value
    if (first) timer = clock.after(Math.max(0, first.until - clock.now()), sweep)
  }

  function sweep(): void {
    timer = null
    const now = clock.now()
    for (const ticket of open.values()) {
      if (ticket.until > now) break
      onOver(remove(ticket))
    }
    arm()
  }

  return {
    countOf: (agentId) => counts.get(agentId) ?? 0,
    add(ticket) {
      open.set(ticket.callId, { ...ticket, until: clock.now() + leaseMs })
      counts.set(ticket.agentId, (counts.get(ticket.agentId) ?? 0) + 1)
      arm()
    },
    take(callId) {
      const ticket = open.get(callId)
      return ticket ? remove(ticket) : null
    },
    takeAll: (agentId) => [...open.values()].filter((ticket) => ticket.agentId === agentId).map(remove),
    close() {
      timer?.cancel()
      timer = null
    },
  }
}
