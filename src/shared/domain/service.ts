import { z } from 'zod'
import { AgentId } from './agent.ts'
import { ServiceName } from './servicePolicy.ts'
import { Millis, Nanodollars } from './units.ts'

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
  /** `api.example.com:443`; what an agent tells that is none, and what is beyond the list's length, stand in brackets. */
  host: z.string().regex(/^(?:[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$|^\((?:no host name|other hosts)\)$/),
  covered: z.enum(['gateway', 'breaker', 'none']),
  calls: z.int().nonnegative(),
  firstAt: Millis,
  lastAt: Millis,
})
export type Destination = z.infer<typeof Destination>
