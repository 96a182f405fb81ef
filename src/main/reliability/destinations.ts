import type { AgentId } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import { Destination } from '../../shared/domain/service.ts'
import type { Clock } from '../ports.ts'

export type ReportedHost = Pick<Destination, 'host' | 'covered' | 'calls'>

/** Where agents went. It only tells; nothing is held up here. */
export interface Destinations {
  list(agentId: AgentId): Destination[]
  report(agentId: AgentId, hosts: readonly ReportedHost[]): void
  forget(agentId: AgentId): void
}

export interface DestinationsOptions {
  readonly known: readonly Destination[]
  readonly clock: Clock
  readonly announce: (announcement: Announcement) => void
  readonly keep: (destination: Destination) => void
}

const MOST_HOSTS = 500
const NO_HOST = '(no host name)'
const OTHERS = '(other hosts)'

export function createDestinations({ known, clock, announce, keep }: DestinationsOptions): Destinations {
  const byAgent = new Map<AgentId, Map<string, Destination>>()
  for (const one of known) placeOf(one.agentId).set(one.host, one)

  function placeOf(agentId: AgentId): Map<string, Destination> {
    const place = byAgent.get(agentId) ?? new Map<string, Destination>()
    byAgent.set(agentId, place)
    return place
  }

  function tell(destination: Destination): void {
    const { agentId, host, covered } = destination
    const how = { gateway: 'through the gateway', breaker: 'through its breaker', none: 'past the control room' }[covered]
    const severity = covered === 'none' ? 'WARN' : 'INFO'
    announce({ name: 'destination.seen', agentId, severity, message: `The agent went to ${host} ${how}.`, payload: { destination } })
  }

  return {
    list: (agentId) => [...(byAgent.get(agentId)?.values() ?? [])].sort((a, b) => b.lastAt - a.lastAt || (a.host < b.host ? -1 : 1)),

    report(agentId, hosts) {
      const place = placeOf(agentId)
      const now = clock.now()
      for (const { host: given, covered, calls } of hosts) {
        const lower = given.toLowerCase()
        const host = Destination.shape.host.safeParse(lower).success ? lower : NO_HOST
        const name = place.has(host) || place.size < MOST_HOSTS ? host : OTHERS
        const before = place.get(name)
        // What went past us once is never shown as covered again.
        const least = before ? worse(before.covered, covered) : covered
        const destination: Destination = before
          ? { ...before, covered: least, calls: Math.min(Number.MAX_SAFE_INTEGER, before.calls + calls), lastAt: now }
          : { agentId, host: name, covered, calls, firstAt: now, lastAt: now }
        place.set(name, destination)
        keep(destination)
        if (!before || before.covered !== least) tell(destination)
      }
    },

    forget: (agentId) => void byAgent.delete(agentId),
  }
}

function worse(a: Destination['covered'], b: Destination['covered']): Destination['covered'] {
  if (a === 'none' || b === 'none') return 'none'
  return a === 'breaker' || b === 'breaker' ? 'breaker' : 'gateway'
}
