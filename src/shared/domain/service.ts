import { z } from 'zod'
import { AgentId } from './agent.ts'
import { Millis, Nanodollars } from './units.ts'

/** What an agent calls besides models: `linkedin`. */
export const ServiceName = z.string().regex(/^[a-z][a-z0-9_.-]{0,59}$/, 'expected a service name such as linkedin')
export type ServiceName = z.infer<typeof ServiceName>

/** A part of a service that fails by itself: `/v2/people`, `search`; empty where it is one. */
export const Endpoint = z.string().max(200)

export const BreakerState = z.enum(['closed', 'open', 'half-open'])
export type BreakerState = z.infer<typeof BreakerState>

/** Who answered: the service itself, what it answered before, what the agent file says instead, the agent's own function, or nobody. */
export const Tier = z.enum(['primary', 'cached', 'placeholder', 'custom', 'failed'])
export type Tier = z.infer<typeof Tier>

/** How a call ended. Our own refusals and what the caller did wrong are no failures of the service. */
export const ServiceOutcome = z.enum(['ok', 'failed', 'callers-fault', 'cancelled'])
export type ServiceOutcome = z.infer<typeof ServiceOutcome>

export const BreakerPolicy = z.object({
  /** This many failures in a row open it. */
  failures: z.int().min(1).max(1_000),
  /** How long it stays open, unless a Retry-After says otherwise. */
  cooldownMs: Millis.min(1).max(86_400_000),
  /** The probe's lease: a probe that has not come back by then has failed, and frees the place. */
  probeMs: Millis.min(1).max(3_600_000),
  /** Opens it too where this share of calls fails; null is never. */
  window: z.object({ share: z.number().gt(0).max(1), minimum: z.int().min(1).max(100_000), overMs: Millis.min(1_000).max(3_600_000) }).nullable(),
})
export type BreakerPolicy = z.infer<typeof BreakerPolicy>

export const CachePolicy = z.object({
  /** Answers younger than this are given without asking the service at all; 0 asks always. */
  freshMs: Millis,
  /** Answers older than this are not given in its place either. */
  staleMs: Millis,
  mostEntries: z.int().min(1).max(1_000_000),
})
export type CachePolicy = z.infer<typeof CachePolicy>

/** What holds for a service: declared in the agent file or in code; what the file says outranks what code says. */
export const ServicePolicy = z.object({
  name: ServiceName,
  /** `api.linkedin.com`, `*.clearbit.com`, `127.0.0.1:8901`: calls to them go through the breaker without an edit to the agent. */
  hosts: z.array(z.string().min(1).max(255)).max(50),
  breaker: BreakerPolicy,
  /** What is tried in turn where the service itself does not answer; at the end of it the call fails. */
  fallback: z.array(z.enum(['cached', 'placeholder'])).max(2),
  cache: CachePolicy,
  placeholder: z.json(),
  /** What a call costs; a blocked one saves it. */
  pricePerCall: Nanodollars,
})
export type ServicePolicy = z.infer<typeof ServicePolicy>

/** A breaker as it stands; from one reducer, for log, panel and metrics alike. */
export const ServiceView = z.object({
  /** Null: of the room, as for the model providers. */
  agentId: AgentId.nullable(),
  service: ServiceName,
  endpoint: Endpoint,
  state: BreakerState,
  since: Millis,
  /** When a probe may go; null while closed. */
  retryAt: Millis.nullable(),
  failuresInARow: z.int().nonnegative(),
  /** Calls that went to the service. */
  calls: z.int().nonnegative(),
  failures: z.int().nonnegative(),
  /** Calls that the breaker kept away from it. */
  blocked: z.int().nonnegative(),
  saved: Nanodollars,
  served: z.record(Tier, z.int().nonnegative()),
  recoveries: z.int().nonnegative(),
  msIn: z.record(BreakerState, Millis),
  /** Why it opened last, as a sentence. */
  reason: z.string().nullable(),
  /** `66 leads`, `$6.60 saved`, `98% via fallback`; null where there is nothing to tell. */
  formatted: z.object({ blocked: z.string(), saved: z.string().nullable(), viaFallback: z.string().nullable() }),
})
export type ServiceView = z.infer<typeof ServiceView>

/** Where an agent went, and what stood in between. Nothing that goes around us is ever shown as safe. */
export const Destination = z.object({
  agentId: AgentId,
  /** `api.example.com:443` */
  host: z.string().max(270),
  covered: z.enum(['gateway', 'breaker', 'none']),
  calls: z.int().nonnegative(),
  firstAt: Millis,
  lastAt: Millis,
})
export type Destination = z.infer<typeof Destination>
