import type { AgentId } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Destination, ServiceView } from '../../shared/domain/service.ts'
import type { BreakerPolicy } from '../../shared/domain/servicePolicy.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { createPacer, type Pacer } from '../budget/pacer.ts'
import type { Clock, Timer } from '../ports.ts'
import type { KeptBreaker, ServiceRepository } from '../state/keptServices.ts'
import { newBreaker, nextMoment, reduceBreaker, type Breaker, type BreakerEvent, type Probe } from './breaker.ts'
import { tellOpened, tellProbing, tellRecovered, tellReset } from './sentences.ts'
import { viewOf } from './serviceView.ts'

/** A breaker in the book. */
export interface Entry {
  readonly agentId: AgentId | null
  readonly service: string
  readonly endpoint: string
  readonly breaker: Breaker
}

export interface BreakerBookOptions {
  readonly kept: readonly KeptBreaker[]
  readonly repository: Pick<ServiceRepository, 'save'>
  readonly clock: Clock
  readonly announce: (announcement: Announcement) => void
  readonly policyOf: (entry: Entry) => BreakerPolicy
  /** What the agent works on, in the singular. */
  readonly unitOf: (agentId: AgentId | null) => string
  /** A probe did not come back. */
  readonly onLeaseOver: (callId: string) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** Every breaker there is: moved by the one reducer, told to people, written down. */
export interface BreakerBook {
  find(agentId: AgentId | null, service: string, endpoint: string): Entry | null
  open(agentId: AgentId | null, service: string, endpoint: string): Entry
  /** How many an agent has. */
  countOf(agentId: AgentId | null): number
  apply(entry: Entry, event: BreakerEvent): void
  view(entry: Entry): ServiceView
  /** By agent, service and endpoint. */
  list(agentId?: AgentId): ServiceView[]
  /** To be written down with the next breakers. */
  keep(destination: Destination): void
  /** What is counted so far is on disk when it returns. */
  flush(): void
  forget(agentId: AgentId): void
  /** What was to be told is told, what was to be written is written. */
  close(): void
}

const TOLD_APART_MS = 250
const WRITTEN_APART_MS = 250

interface OwnEntry extends Entry {
  breaker: Breaker
  /** Its agent is off the list: what still comes of its calls is nobody's. */
  isForgotten: boolean
  timer: Timer | null
  dueAt: Millis | null
  readonly pacer: Pacer
}

export function createBreakerBook(options: BreakerBookOptions): BreakerBook {
  const { kept, repository, clock, announce, policyOf, unitOf, onLeaseOver, onDefect } = options
  const byAgent = new Map<AgentId | null, Map<string, OwnEntry>>()
  const unwritten = new Set<OwnEntry>()
  const unwrittenDestinations = new Map<string, Destination>()
  let isClosed = false

  const writer = createPacer(clock, WRITTEN_APART_MS, write)

  function write(): void {
    const breakers = [...unwritten].map(({ agentId, service, endpoint, breaker }) => ({ agentId, service, endpoint, breaker: breaker as unknown as JsonValue }))
    const destinations = [...unwrittenDestinations.values()]
    unwritten.clear()
    unwrittenDestinations.clear()
    if (breakers.length === 0 && destinations.length === 0) return
    try {
      repository.save(breakers, destinations)
    } catch (defect) {
      // Counts are worth less than the calls that they are about.
      onDefect(defect, 'writing services down')
    }
  }

  function add(agentId: AgentId | null, service: string, endpoint: string, breaker: Breaker): OwnEntry {
    const ofAgent = byAgent.get(agentId) ?? new Map<string, OwnEntry>()
    byAgent.set(agentId, ofAgent)
    const tell = (): void => {
      const view = viewOf(entry, unitOf(agentId), clock.now())
      announce({ name: 'service.changed', agentId, severity: 'DEBUG', message: `${entry.service} is ${view.state}.`, payload: { service: view } })
    }
    const entry: OwnEntry = { agentId, service, endpoint, breaker, isForgotten: false, timer: null, dueAt: null, pacer: createPacer(clock, TOLD_APART_MS, tell) }
    ofAgent.set(keyOf(service, endpoint), entry)
    watch(entry)
    return entry
  }

  /** What time alone will do to it is done at that very time. */
  function watch(entry: OwnEntry): void {
    const moment = nextMoment(entry.breaker)
    if (moment === entry.dueAt) return
    entry.timer?.cancel()
    entry.dueAt = moment
    entry.timer = moment === null ? null : clock.after(Math.max(0, moment - clock.now()), () => due(entry))
  }

  function due(entry: OwnEntry): void {
    entry.dueAt = null
    apply(entry, { kind: 'tick', at: clock.now() })
  }

  function apply(given: Entry, event: BreakerEvent): void {
    const entry = given as OwnEntry
    if (entry.isForgotten) return
    const before = entry.breaker
    const after = reduceBreaker(before, event, policyOf(entry))
    if (after === before) return watch(entry)
    entry.breaker = after
    watch(entry)
    unwritten.add(entry)
    tellMove(entry, before, after, event)
    // Whatever happens to us next: an open breaker stays open.
    if (after.phase !== before.phase) {
      writer.cancel()
      write()
    } else if (!isClosed) writer.request()
    if (!isClosed) entry.pacer.request()
  }

  function tellMove({ agentId, service, endpoint, breaker }: OwnEntry, before: Breaker, after: Breaker, event: BreakerEvent): void {
    const old = probeOf(before)
    const probe = probeOf(after)
    if (old && old !== probe && after.phase.kind === 'open' && event.kind !== 'end') onLeaseOver(old.callId)
    if (after.phase === before.phase) return
    const now = clock.now()
    const view = viewOf({ agentId, service, endpoint, breaker }, unitOf(agentId), now)
    const payload = { service: view }
    if (after.phase.kind === 'open' && after.epoch !== before.epoch) {
      announce({ name: 'service.opened', agentId, severity: 'WARN', message: tellOpened(service, endpoint, after, now), payload })
    } else if (probe && probe !== old) {
      announce({ name: 'service.probing', agentId, severity: 'INFO', message: tellProbing(service, endpoint), payload })
    } else if (after.phase.kind === 'closed' && before.phase.kind !== 'closed') {
      const message = event.kind === 'reset' ? tellReset(service, endpoint) : tellRecovered(service, endpoint, before, now)
      announce({ name: 'service.recovered', agentId, severity: 'INFO', message, payload })
    }
  }

  for (const { agentId, service, endpoint, breaker } of kept) add(agentId, service, endpoint, breaker as unknown as Breaker)

  return {
    find: (agentId, service, endpoint) => byAgent.get(agentId)?.get(keyOf(service, endpoint)) ?? null,
    open: (agentId, service, endpoint) => byAgent.get(agentId)?.get(keyOf(service, endpoint)) ?? add(agentId, service, endpoint, newBreaker(clock.now())),
    countOf: (agentId) => byAgent.get(agentId)?.size ?? 0,
    apply,
    view: (entry) => viewOf(entry, unitOf(entry.agentId), clock.now()),
    list: (agentId) =>
      [...(agentId === undefined ? byAgent : new Map([[agentId, byAgent.get(agentId) ?? new Map<string, OwnEntry>()]]))]
        .flatMap(([whose, entries]) => [...entries.values()].map((entry) => viewOf(entry, unitOf(whose), clock.now())))
        .sort((a, b) => compare(a.agentId ?? '', b.agentId ?? '') || compare(a.service, b.service) || compare(a.endpoint, b.endpoint)),
    keep(destination) {
      unwrittenDestinations.set(keyOf(destination.agentId, destination.host), destination)
      if (!isClosed) writer.request()
    },
    flush() {
      writer.cancel()
      write()
    },
    forget(agentId) {
      for (const entry of byAgent.get(agentId)?.values() ?? []) {
        entry.isForgotten = true
        entry.timer?.cancel()
        entry.pacer.cancel()
        unwritten.delete(entry)
      }
      for (const [key, one] of unwrittenDestinations) if (one.agentId === agentId) unwrittenDestinations.delete(key)
      byAgent.delete(agentId)
    },
    close() {
      isClosed = true
      for (const entries of byAgent.values()) {
        for (const entry of entries.values()) {
          entry.timer?.cancel()
          entry.pacer.flush()
        }
      }
      writer.cancel()
      write()
    },
  }
}

function probeOf({ phase }: Breaker): Probe | null {
  return phase.kind === 'half-open' ? phase.probe : null
}

function keyOf(service: string, endpoint: string): string {
  return `${service}\n${endpoint}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
