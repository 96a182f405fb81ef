import type { Agent, AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Destination, ServiceOutcome, ServiceView, Tier } from '../../shared/domain/service.ts'
import type { BreakerPolicy, ServiceDeclaration, ServicePolicy } from '../../shared/domain/servicePolicy.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { ServiceVerdict } from '../../shared/contract/services.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { Clock, Random } from '../ports.ts'
import type { State } from '../state/repositories.ts'
import type { Redactor } from '../telemetry/log.ts'
import { createAnswerCache, type AnswerCache } from './answerCache.ts'
import { isAllowed, isProbe, newBreaker } from './breaker.ts'
import { createBreakerBook, type Entry } from './breakerBook.ts'
import { createCallTickets, type Ticket } from './callTickets.ts'
import { createDestinations, type ReportedHost } from './destinations.ts'
import { createKnownAgents } from './knownAgents.ts'
import { UPSTREAM_POLICY } from './policies.ts'
import { tellBlocked, waitOf } from './sentences.ts'
import { createServiceCallIds } from './serviceCallIds.ts'
import { viewOf } from './serviceView.ts'
import { createUnserved } from './unserved.ts'
import { createUpstreamBreakers, type UpstreamBreakers } from './upstreamBreakers.ts'

export interface ServiceCall {
  readonly agentId: AgentId
  readonly service: string
  readonly endpoint: string
  /** The question, for the cache. */
  readonly key: JsonValue
}

export interface ServiceEnd {
  readonly agentId: AgentId
  readonly callId: string
  readonly outcome: ServiceOutcome
  readonly detail: string | null
  readonly retryAfterMs: Millis | null
  readonly value?: JsonValue
  /** The service is about to be asked once more: a failure is counted, and nothing is served yet. */
  readonly again?: boolean
}

export interface ServiceEnding {
  readonly instead: Instead | null
  /** The breaker is open now: another attempt would be kept away. */
  readonly isOpen: boolean
}

/** An answer that a service gave earlier. */
export interface EarlierAnswer {
  readonly service: string
  readonly endpoint?: string
  readonly key: JsonValue
  readonly value: JsonValue
  readonly ageMs?: Millis
}

export type Instead = NonNullable<ServiceVerdict['instead']>

/** Breakers, fallbacks and counts of everything that agents call. It decides and counts; it calls nothing itself. */
export interface ServiceDesk {
  list(agentId?: AgentId): ServiceView[]
  /** What holds for an agent's services, by name. */
  plan(agentId: AgentId): ServicePolicy[]
  /** A process begins under this very plan; what is announced of one has its words redacted. */
  launched(agentId: AgentId, plan: LaunchPlan): void
  declare(agentId: AgentId, declaration: ServiceDeclaration): ServicePolicy
  begin(call: ServiceCall): ServiceVerdict
  /** A call that is not under way any more changes nothing. */
  end(end: ServiceEnd): ServiceEnding
  served(agentId: AgentId, callId: string, tier: 'custom' | 'failed'): void
  /** For whoever starts an agent with what was kept earlier: as if the service had answered this. Nothing is counted. */
  keep(agentId: AgentId, earlier: EarlierAnswer): void
  /** Throws NOT_FOUND. */
  reset(agentId: AgentId | null, service: string, endpoint: string): ServiceView
  destinations(agentId: AgentId): Destination[]
  reportDestinations(agentId: AgentId, hosts: readonly ReportedHost[]): void
  /** What is counted so far outlives the room: it is on disk when this returns. */
  flush(): void
  /** The same breakers for the providers behind the gateway. */
  readonly upstreams: UpstreamBreakers
  close(): void
}

export interface ServiceDeskOptions {
  readonly state: Pick<State, 'agents' | 'services' | 'serviceAnswers'>
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
  /** Seals what services have answered; null while there is no master key. */
  readonly key: () => Buffer | null
  readonly redact: Redactor
  /** What an agent works on, in the singular: `lead`. */
  readonly unitOf: (agentId: AgentId) => string
  /** Why an agent may not go to these hosts, as a sentence; null where it may. */
  readonly refusalOf: (agentId: AgentId, service: string, hosts: readonly string[]) => string | null
  /** Of the model providers; asked at each of their calls. */
  readonly upstreamPolicy?: () => BreakerPolicy
  readonly limits?: Partial<ServiceLimits>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

export interface ServiceLimits {
  /** A call that has not ended by then has failed. */
  readonly callLeaseMs: Millis
  readonly mostOpenCalls: number
  /** Breakers of one agent; further endpoints of a service share one. */
  readonly mostBreakers: number
  readonly mostDeclared: number
}

const SERVICE_LIMITS: ServiceLimits = { callLeaseMs: 600_000, mostOpenCalls: 10_000, mostBreakers: 500, mostDeclared: 200 }

export async function createServiceDesk(options: ServiceDeskOptions): Promise<ServiceDesk> {
  const { state, bus, clock, random, redact, unitOf, refusalOf, onDefect } = options
  const limits = { ...SERVICE_LIMITS, ...options.limits }
  const agents = createKnownAgents({ redact, mostDeclared: limits.mostDeclared, mostPolicies: limits.mostBreakers + limits.mostDeclared })
  const cache: AnswerCache = createAnswerCache({ answers: state.serviceAnswers, key: options.key, now: () => clock.now() })
  const tickets = createCallTickets(clock, limits.callLeaseMs, (ticket) => settle(ticket, { outcome: 'failed', detail: 'it did not come back', retryAfterMs: null }))
  /** Calls that nobody has answered: the agent may say that it did. */
  const unserved = createUnserved()
  const nextCallId = createServiceCallIds(random)
  const upstreamPolicy = options.upstreamPolicy ?? (() => UPSTREAM_POLICY)
  const announce = (announcement: Announcement): void => void bus.announce(announcement).catch((defect: unknown) => onDefect(defect, 'telling of a service'))

  const book = createBreakerBook({
    kept: await state.services.breakers(),
    repository: state.services,
    clock,
    announce,
    policyOf: ({ agentId, service, endpoint }) => (agentId === null || upstreams.owns(service, endpoint) ? upstreamPolicy() : agents.policyOf(agentId, service).breaker),
    unitOf: (agentId) => (agentId === null ? 'call' : unitOf(agentId)),
    // The reducer has counted it by then.
    onLeaseOver: (callId) => void tickets.take(callId),
    onDefect,
  })
  const upstreams = createUpstreamBreakers({ book, clock, nextCallId })
  const destinations = createDestinations({ known: await state.services.destinations(), clock, announce, keep: (one) => book.keep(one) })

  function hear({ id, plan, status }: Agent): void {
    agents.know(id, plan, false)
    // What it called went with its process.
    if (!isAlive(status)) for (const ticket of tickets.takeAll(id)) settle(ticket, { outcome: 'cancelled', detail: null, retryAfterMs: null })
  }

  for (const { id, plan } of await state.agents.all()) agents.know(id, plan, false)
  const stopListening = bus.listen((events: readonly Event[]) => {
    for (const event of events) {
      if (event.name === 'agent.changed') hear(event.payload.agent)
      if (event.name !== 'agent.removed' || event.agentId === null) continue
      tickets.takeAll(event.agentId)
      agents.forget(event.agentId)
      book.forget(event.agentId)
      destinations.forget(event.agentId)
      state.services.forgetAgent(event.agentId)
    }
  })

  function entryOf(agentId: AgentId, service: string, given: string): Entry {
    const endpoint = agents.shownEndpoint(agentId, given)
    const known = book.find(agentId, service, endpoint)
    if (known) return known
    if (book.countOf(agentId) < limits.mostBreakers) return book.open(agentId, service, endpoint)
    const shared = book.find(agentId, service, '')
    if (shared) return shared
    // The last places are for services, not for their endpoints.
    if (book.countOf(agentId) < 2 * limits.mostBreakers) return book.open(agentId, service, '')
    throw new AppError('RATE_LIMITED', `${agentId} has named ${book.countOf(agentId)} services and endpoints, and no more are kept: name fewer.`)
  }

  function serve(entry: Entry, tier: Tier): void {
    book.apply(entry, { kind: 'served', at: clock.now(), tier })
  }

  /** What is given in the service's place: the first tier that has something. */
  function insteadOf({ fallback, cache: rules, placeholder }: ServicePolicy, owner: string, service: string, question: string | null): Instead | null {
    for (const tier of fallback) {
      if (tier === 'placeholder') return { tier, value: placeholder, ageMs: null }
      const kept = question === null ? null : recalled(owner, service, question, rules)
      if (kept && kept.ageMs <= rules.staleMs) return { tier: 'cached', ...kept }
    }
    return null
  }

  function recalled(...question: Parameters<AnswerCache['get']>): ReturnType<AnswerCache['get']> {
    try {
      return cache.get(...question)
    } catch (defect) {
      onDefect(defect, 'looking for an answer that was kept')
      return null
    }
  }

  function fallBack(entry: Entry, callId: string, owner: string | null, policy: ServicePolicy, question: string | null): Instead | null {
    const instead = owner === null ? null : insteadOf(policy, owner, entry.service, question)
    serve(entry, instead?.tier ?? 'failed')
    if (!instead) unserved.add(callId, entry)
    return instead
  }

  function settle(ticket: Ticket, { outcome, detail, retryAfterMs }: Pick<ServiceEnd, 'outcome' | 'detail' | 'retryAfterMs'>): void {
    const { callId, entry, epoch } = ticket
    const told = detail === null || outcome !== 'failed' ? null : redact(detail)
    book.apply(entry, { kind: 'end', at: clock.now(), callId, epoch, outcome, detail: told, retryAfterMs })
  }

  return {
    upstreams,

    list(agentId) {
      const views = book.list(agentId)
      const seen = new Set(views.map((view) => `${view.agentId} ${view.service}`))
      // Those of the agent's file that it has not called yet.
      for (const id of agentId === undefined ? agents.ids() : agents.ownerOf(agentId) === null ? [] : [agentId]) {
        for (const name of agents.servicesOf(id)) {
          if (seen.has(`${id} ${name}`)) continue
          views.push(viewOf({ agentId: id, service: name, endpoint: '', breaker: newBreaker(clock.now()) }, unitOf(id), clock.now()))
        }
      }
      return views
    },

    plan: (agentId) => agents.servicesOf(agentId).map((name) => agents.policyOf(agentId, name)),
    launched: (agentId, plan) => agents.know(agentId, plan, true),

    declare(agentId, declaration) {
      agents.declare(agentId, declaration)
      return agents.policyOf(agentId, declaration.name)
    },

    begin({ agentId, service, endpoint, key }) {
      agents.require(agentId)
      const owner = agents.ownerOf(agentId) ?? ''
      const policy = agents.policyOf(agentId, service)
      const callId = nextCallId()
      const refused = (reason: string): ServiceVerdict => ({ callId, do: 'refused', isProbe: false, instead: null, retryAfterMs: null, reason })
      const forbidden = policy.hosts.length === 0 ? null : refusalOf(agentId, service, policy.hosts)
      if (forbidden !== null) return refused(forbidden)
      if (tickets.countOf(agentId) >= limits.mostOpenCalls) return refused(`${agentId} has ${limits.mostOpenCalls} calls under way; let some of them end first.`)
      const entry = entryOf(agentId, service, endpoint)
      const keeps = policy.cache.freshMs > 0 || policy.fallback.includes('cached')
      const question = keeps ? cache.nameOf({ owner, service, endpoint, key }) : null
      if (question !== null && policy.cache.freshMs > 0) {
        const kept = recalled(owner, service, question, policy.cache)
        if (kept && kept.ageMs < policy.cache.freshMs) {
          serve(entry, 'cached')
          return { callId, do: 'use', isProbe: false, instead: { tier: 'cached', ...kept }, retryAfterMs: null, reason: null }
        }
      }
      book.apply(entry, { kind: 'begin', at: clock.now(), callId, price: policy.pricePerCall })
      const { breaker } = entry
      if (isAllowed(breaker, callId)) {
        tickets.add({ callId, agentId, entry, epoch: breaker.epoch, question })
        return { callId, do: 'call', isProbe: isProbe(breaker, callId), instead: null, retryAfterMs: null, reason: null }
      }
      const instead = fallBack(entry, callId, owner, policy, question)
      const reason = tellBlocked(service, entry.endpoint, entry.breaker, clock.now())
      return { callId, do: instead ? 'use' : 'refused', isProbe: false, instead, retryAfterMs: waitOf(entry.breaker, clock.now()), reason }
    },

    end({ agentId, callId, value, again = false, ...result }) {
      const ticket = tickets.take(callId)
      if (!ticket) return { instead: null, isOpen: false }
      if (ticket.agentId !== agentId) {
        tickets.add(ticket)
        throw new AppError('FORBIDDEN', `${callId} is a call of another agent.`)
      }
      const { entry, question } = ticket
      const owner = agents.ownerOf(agentId)
      settle(ticket, result)
      const isOpen = entry.breaker.phase.kind === 'open'
      // Whoever asks once more is told at that call who answers.
      if (result.outcome === 'cancelled' || (result.outcome === 'failed' && again)) return { instead: null, isOpen }
      const policy = agents.policyOf(agentId, entry.service)
      if (result.outcome === 'failed') return { instead: fallBack(entry, callId, owner, policy, question), isOpen }
      serve(entry, 'primary')
      if (result.outcome === 'ok' && value !== undefined && question !== null && owner !== null) {
        try {
          cache.put(owner, entry.service, question, value, policy.cache)
        } catch (defect) {
          onDefect(defect, 'keeping an answer')
        }
      }
      return { instead: null, isOpen }
    },

    served(agentId, callId, tier) {
      const entry = unserved.take(callId, agentId)
      if (!entry) return
      book.apply(entry, { kind: 'served', at: clock.now(), tier, instead: 'failed' })
    },

    keep(agentId, { service, endpoint = '', key, value, ageMs = 0 }) {
      agents.require(agentId)
      const owner = agents.ownerOf(agentId) ?? ''
      const question = cache.nameOf({ owner, service, endpoint, key })
      cache.put(owner, service, question, value, agents.policyOf(agentId, service).cache, clock.now() - ageMs)
    },

    reset(agentId, service, endpoint) {
      const entry = book.find(agentId, service, endpoint)
      if (!entry) throw new AppError('NOT_FOUND', `There is no breaker of ${service}${endpoint === '' ? '' : ` ${endpoint}`} ${agentId === null ? 'of the room' : `of ${agentId}`}.`)
      book.apply(entry, { kind: 'reset', at: clock.now() })
      return book.view(entry)
    },

    destinations(agentId) {
      agents.require(agentId)
      return destinations.list(agentId)
    },

    reportDestinations(agentId, hosts) {
      agents.require(agentId)
      destinations.report(agentId, hosts)
    },

    flush: () => book.flush(),

    close() {
      stopListening()
      tickets.close()
      book.close()
    },
  }
}
