import type { AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import type { ParkedCall, ParkingEnd } from '../../shared/domain/budget.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'
import { tellParked, tellUnparked, type Shortage } from './sentences.ts'
import type { Ticket } from './ticket.ts'

/** Calls that wait for somebody to decide. */
export interface Parking {
  readonly count: number
  /** In order of parking. */
  list(): ParkedCall[]
  park(ticket: Ticket, worstCase: Nanodollars, shortage: Shortage, onUnanswered: () => void): void
  /** Resolves when that is stored; nothing happens to a call that is not parked. */
  leave(ticket: Ticket, end: ParkingEnd, by: { actor: string; reason: string } | null): Promise<unknown>
}

export interface ParkingOptions {
  readonly agentId: AgentId
  readonly plan: LaunchPlan
  readonly clock: Clock
  readonly announce: (announcement: Announcement) => Promise<unknown>
}

export function createParking({ agentId, plan, clock, announce }: ParkingOptions): Parking {
  const places = new Map<Ticket, { readonly parked: ParkedCall; readonly timer: Timer }>()

  return {
    get count() {
      return places.size
    },
    list: () => [...places.values()].map(({ parked }) => parked),

    park(ticket, worstCase, shortage, onUnanswered) {
      const { callId, model } = ticket.request
      const parkedAt = clock.now()
      const parked: ParkedCall = { callId, model, worstCase, parkedAt, until: parkedAt + plan.parkForMs }
      places.set(ticket, { parked, timer: clock.after(plan.parkForMs, onUnanswered) })
      const message = tellParked(plan.name, model, shortage, plan.parkForMs)
      void announce({ name: 'budget.callParked', agentId, severity: 'WARN', message, payload: { parked } })
    },

    async leave(ticket, end, by) {
      const place = places.get(ticket)
      if (!place) return
      place.timer.cancel()
      places.delete(ticket)
      const { callId, model } = place.parked
      const payload = { callId, end, actor: by?.actor ?? null, reason: by?.reason ?? null }
      const severity = end === 'approved' ? 'INFO' : 'WARN'
      await announce({ name: 'budget.callUnparked', agentId, severity, message: tellUnparked(model, end, by), payload })
    },
  }
}
