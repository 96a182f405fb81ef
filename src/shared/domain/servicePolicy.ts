import { z } from 'zod'
import { Millis, Nanodollars } from './units.ts'

/** What an agent calls besides models: `linkedin`. */
export const ServiceName = z.string().regex(/^[a-z][a-z0-9_.-]{0,59}$/, 'expected a service name such as linkedin')
export type ServiceName = z.infer<typeof ServiceName>

/** `api.linkedin.com`, `*.clearbit.com`, `127.0.0.1:8901`: a name, with all below it after `*.`, and a port where only that one is meant. */
export const ServiceHost = z
  .string()
  .regex(/^(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?$/, 'expected a host such as api.linkedin.com, *.clearbit.com or 127.0.0.1:8901')

export const BreakerPolicy = z.object({
  /** This many failures in a row open it. */
  failures: z.int().min(1).max(1_000),
  /** How long it stays open, unless a Retry-After says otherwise. */
  cooldownMs: Millis.min(1).max(86_400_000),
  /** A Retry-After that asks for more gets this. */
  longestCooldownMs: Millis.min(1).max(86_400_000),
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
  /** Calls to them go through the breaker without an edit to the agent. */
  hosts: z.array(ServiceHost).max(50),
  breaker: BreakerPolicy,
  /** What is tried in turn where the service itself does not answer; at the end of it the call fails. */
  fallback: z.array(z.enum(['cached', 'placeholder'])).max(2),
  cache: CachePolicy,
  placeholder: z.json(),
  /** What a call costs; a blocked one saves it. */
  pricePerCall: Nanodollars,
})
export type ServicePolicy = z.infer<typeof ServicePolicy>

/** What an agent file or code says of a service; what it leaves out, the other or the defaults say. */
export const ServiceDeclaration = ServicePolicy.partial().extend({
  name: ServiceName,
  breaker: BreakerPolicy.partial().optional(),
  cache: CachePolicy.partial().optional(),
})
export type ServiceDeclaration = z.infer<typeof ServiceDeclaration>
