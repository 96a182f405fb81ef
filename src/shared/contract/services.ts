import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Destination, Endpoint, ServiceOutcome, ServiceView, Tier } from '../domain/service.ts'
import { BreakerPolicy, CachePolicy, ServiceName, ServicePolicy } from '../domain/servicePolicy.ts'
import { Millis } from '../domain/units.ts'
import { command } from './define.ts'

export const ServiceCallId = z.string().regex(/^svc-[0-9a-f]{16}$/, 'expected a service call id such as svc-7a3f9c2d01b2c3d4')

const Target = {
  agentId: AgentId,
  service: ServiceName,
  endpoint: Endpoint.default(''),
  /** Tells calls with the same question apart from others, for the cache: normalised arguments as JSON. */
  key: z.json().default(null),
}

/** What is given in the service's place. */
const Instead = z.object({ tier: Tier, value: z.json(), ageMs: Millis.nullable() })

const Verdict = z.object({
  callId: ServiceCallId,
  /** `call`: ask the service. `use`: take `instead`. `refused`: neither; the reason says why. */
  do: z.enum(['call', 'use', 'refused']),
  isProbe: z.boolean(),
  instead: Instead.nullable(),
  /** How long the breaker stays open. */
  retryAfterMs: Millis.nullable(),
  reason: z.string().nullable(),
})
export type ServiceVerdict = z.infer<typeof Verdict>

export const serviceCommands = {
  'service.list': command({
    summary: 'Lists services with the state of their breakers, of all agents or of one.',
    least: 'viewer',
    http: 'GET /services',
    input: z.strictObject({ agentId: AgentId.optional() }),
    output: z.object({ services: z.array(ServiceView), seq: z.int() }),
  }),
  'service.reset': command({
    summary: 'Closes a breaker by hand.',
    least: 'admin',
    http: 'POST /services/reset',
    input: z.strictObject({ agentId: AgentId.nullable(), service: ServiceName, endpoint: Endpoint.default('') }),
    output: ServiceView,
  }),
  'service.declare': command({
    summary: 'An agent names a service and what holds for it; what its agent file says stays. Answers with what holds.',
    least: 'agent',
    http: 'PUT /agents/:agentId/services/:service',
    input: z.strictObject({
      agentId: AgentId,
      service: ServiceName,
      hosts: ServicePolicy.shape.hosts.optional(),
      breaker: BreakerPolicy.partial().optional(),
      fallback: ServicePolicy.shape.fallback.optional(),
      cache: CachePolicy.partial().optional(),
      placeholder: z.json().optional(),
      /** In dollars, as a decimal: `0.10`. */
      price: z.string().max(40).optional(),
    }),
    output: ServicePolicy,
  }),
  'service.plan': command({
    summary: 'An agent reads what holds for the services that it may call: of its agent file, and those that it has declared.',
    least: 'agent',
    http: 'GET /agents/:agentId/services/plan',
    input: z.strictObject({ agentId: AgentId }),
    output: z.object({ services: z.array(ServicePolicy) }),
  }),
  'service.begin': command({
    summary: 'An agent is about to call a service: whether it may, and what it gets instead.',
    least: 'agent',
    http: 'POST /agents/:agentId/services/:service/calls',
    input: z.strictObject(Target),
    output: Verdict,
  }),
  'service.end': command({
    summary: 'How the call ended; answers with what is given in its place where it failed.',
    least: 'agent',
    http: 'POST /agents/:agentId/service-calls/:callId/end',
    input: z.strictObject({
      agentId: AgentId,
      callId: ServiceCallId,
      outcome: ServiceOutcome,
      /** What went wrong, in a few words: `429`, `ReadTimeout`. */
      detail: z.string().max(500).nullable().default(null),
      retryAfterMs: Millis.nullable().default(null),
      latencyMs: Millis.nullable().default(null),
      /** It failed, and the service is about to be asked once more: nothing is given in its place yet. */
      again: z.boolean().default(false),
      /** The service's answer, to be kept for when it does not answer; left out where it cannot be kept. */
      value: z.json().optional(),
    }),
    output: z.object({
      instead: Instead.nullable(),
      /** The next attempt would be kept away: there is nothing to wait for before it. */
      isOpen: z.boolean(),
    }),
  }),
  'service.served': command({
    summary: 'An agent answered a call itself, with a function of its own.',
    least: 'agent',
    http: 'POST /agents/:agentId/service-calls/:callId/served',
    input: z.strictObject({ agentId: AgentId, callId: ServiceCallId, tier: z.enum(['custom', 'failed']) }),
    output: z.object({}),
  }),
  'destination.list': command({
    summary: 'Lists the hosts that an agent went to, and what stood in between.',
    least: 'viewer',
    http: 'GET /agents/:agentId/destinations',
    input: z.strictObject({ agentId: AgentId }),
    output: z.object({ destinations: z.array(Destination), seq: z.int() }),
  }),
  'destination.report': command({
    summary: 'An agent tells which hosts it went to since it told last.',
    least: 'agent',
    http: 'POST /agents/:agentId/destinations',
    input: z.strictObject({
      agentId: AgentId,
      hosts: z.array(z.object({ host: z.string().max(270), covered: Destination.shape.covered, calls: z.int().positive() })).min(1).max(200),
    }),
    output: z.object({}),
  }),
}
