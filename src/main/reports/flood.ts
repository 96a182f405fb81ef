import type { AgentId } from '../../shared/domain/agent.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'

/** Lets so much of each agent through in a span of time; of the rest it tells how much it was. */
export interface Flood {
  mayPass(agentId: AgentId): boolean
  forget(agentId: AgentId): void
  close(): void
}

export interface FloodOptions {
  readonly clock: Clock
  readonly most: number
  readonly withinMs: Millis
  /** The span is over, and so many were left out in it. */
  readonly onLeftOut: (agentId: AgentId, count: number) => void
}

export function createFlood({ clock, most, withinMs, onLeftOut }: FloodOptions): Flood {
  const spans = new Map<AgentId, { count: number; timer: Timer }>()

  function end(agentId: AgentId): void {
    const span = spans.get(agentId)
    spans.delete(agentId)
    span?.timer.cancel()
    if (span && span.count > most) onLeftOut(agentId, span.count - most)
  }

  return {
    mayPass(agentId) {
      let span = spans.get(agentId)
      if (!span) spans.set(agentId, (span = { count: 0, timer: clock.after(withinMs, () => end(agentId)) }))
      return ++span.count <= most
    },
    forget: end,
    close() {
      for (const agentId of [...spans.keys()]) end(agentId)
    },
  }
}
