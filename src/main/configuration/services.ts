import { z } from 'zod'
import { LARGEST_BUDGET, parseDollars } from '../../shared/domain/money.ts'
import { BreakerPolicy, CachePolicy, ServiceHost, ServiceName, ServicePolicy, type ServiceDeclaration } from '../../shared/domain/servicePolicy.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { formatExactDollars } from '../../shared/format.ts'
import type { Kind } from './kinds.ts'

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DAY_MS = 86_400_000
const LONGEST_STALE_MS = 365 * DAY_MS

/** `30s`, `2m`, `24h`, `7d`; a number is seconds. */
function span(most: Millis, least: Millis = 0) {
  return z.union([z.string(), z.number()]).transform((given, context): Millis => {
    const [, amount, unit = 's'] = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h|d)?$/.exec(String(given)) ?? []
    const lengthMs = Math.round(Number(amount) * (UNIT_MS[unit] ?? Number.NaN))
    if (lengthMs >= least && lengthMs <= most) return lengthMs
    context.addIssue('no such span of time')
    return z.NEVER
  })
}

const Price = z.union([z.string(), z.number()]).transform((given, context): Nanodollars => {
  const amount = parseDollars(String(given))
  if (amount !== null && amount <= LARGEST_BUDGET) return amount
  context.addIssue('no such amount')
  return z.NEVER
})

const Service = z.strictObject({
  hosts: z.array(ServiceHost).max(50).optional(),
  breaker: z
    .strictObject({
      failures: BreakerPolicy.shape.failures.optional(),
      cooldown: span(DAY_MS, 1).optional(),
      longest_cooldown: span(DAY_MS, 1).optional(),
      probe: span(3_600_000, 1).optional(),
      window: z
        .strictObject({ share: z.number().gt(0).max(1), minimum: z.int().min(1).max(100_000), over: span(3_600_000, 1_000) })
        .nullable()
        .optional(),
    })
    .optional(),
  fallback: ServicePolicy.shape.fallback.optional(),
  cache: z.strictObject({ fresh: span(LONGEST_STALE_MS).optional(), stale: span(LONGEST_STALE_MS).optional(), entries: CachePolicy.shape.mostEntries.optional() }).optional(),
  placeholder: z.json().optional(),
  price: Price.optional(),
})

const SPAN = 'a number of seconds, or a time such as 500ms, 30s, 2m'
const INSIDE: Record<string, string> = {
  hosts: 'a list of hosts, such as ["api.linkedin.com", "*.clearbit.com", "127.0.0.1:8901"]',
  breaker: 'an object with failures, cooldown, longest_cooldown, probe and window, or some of them',
  'breaker.failures': 'a whole number from 1 to 1000',
  'breaker.cooldown': `${SPAN}, 24h at most`,
  'breaker.longest_cooldown': `${SPAN}, 24h at most`,
  'breaker.probe': `${SPAN}, 1h at most`,
  'breaker.window': 'null, or an object with share, minimum and over, such as {share: 0.5, minimum: 20, over: 60s}',
  'breaker.window.share': 'a number above 0 and at most 1, such as 0.5',
  'breaker.window.minimum': 'a whole number from 1 to 100000',
  'breaker.window.over': `${SPAN}, from 1s to 1h`,
  fallback: 'a list of cached and placeholder, in the order in which they are tried',
  cache: 'an object with fresh, stale and entries, or some of them',
  'cache.fresh': `${SPAN}, 24h or 7d`,
  'cache.stale': `${SPAN}, 24h or 7d`,
  'cache.entries': 'a whole number from 1 to 1000000',
  placeholder: 'anything that JSON can say',
  price: 'an amount in dollars, at most 1000000, such as 0.10',
}
/** Of names that an object does not have. */
const MEMBERS: Record<string, string> = {
  breaker: 'one of failures, cooldown, longest_cooldown, probe and window',
  'breaker.window': 'one of share, minimum and over',
  cache: 'one of fresh, stale and entries',
}
const ITEMS: Record<string, string> = {
  hosts: 'a host, such as api.linkedin.com, *.clearbit.com or 127.0.0.1:8901',
  fallback: 'cached or placeholder',
}
const NAMES = 'hosts, breaker, fallback, cache, placeholder or price'

export const services: Kind<ServiceDeclaration[]> = {
  schema: z.record(ServiceName, Service).transform((given) => Object.entries(given).map(([name, said]) => declaration(name, said))),
  allowed: 'services by name, such as {linkedin: {hosts: [api.linkedin.com], breaker: {failures: 5, cooldown: 60s}, fallback: [cached]}}; names begin with a lower-case letter and have letters, digits, _, . and - only',
  allowedAt([, ...path]) {
    if (path.length === 0) return `an object with ${NAMES}, under a name such as linkedin`
    const names = path.filter((step) => typeof step === 'string')
    for (let length = names.length; length > 0; length--) {
      const place = names.slice(0, length).join('.')
      const known = INSIDE[place]
      if (known !== undefined) return (length < names.length ? MEMBERS[place] : path.length > names.length ? ITEMS[place] : undefined) ?? known
    }
    return `one of ${NAMES}`
  },
  flagTakes: 'one',
  placeholder: 'SERVICES',
  fromText: (text) => text,
  show: (value) => Object.fromEntries(value.map((one) => [one.name, shown(one)])),
}

function declaration(name: string, { hosts, breaker, fallback, cache, placeholder, price }: z.infer<typeof Service>): ServiceDeclaration {
  const window = breaker?.window
  return withoutUndefined({
    name,
    hosts: hosts?.map((host) => host.toLowerCase()),
    breaker:
      breaker &&
      withoutUndefined({
        failures: breaker.failures,
        cooldownMs: breaker.cooldown,
        longestCooldownMs: breaker.longest_cooldown,
        probeMs: breaker.probe,
        window: window && { share: window.share, minimum: window.minimum, overMs: window.over },
      }),
    fallback,
    cache: cache && withoutUndefined({ freshMs: cache.fresh, staleMs: cache.stale, mostEntries: cache.entries }),
    placeholder,
    pricePerCall: price,
  })
}

/** As somebody would write it. */
function shown({ hosts, breaker, fallback, cache, placeholder, pricePerCall }: ServiceDeclaration): JsonValue {
  const window = breaker?.window
  return JSON.parse(
    JSON.stringify({
      hosts,
      breaker: breaker && {
        failures: breaker.failures,
        cooldown: time(breaker.cooldownMs),
        longest_cooldown: time(breaker.longestCooldownMs),
        probe: time(breaker.probeMs),
        window: window && { share: window.share, minimum: window.minimum, over: time(window.overMs) },
      },
      fallback,
      cache: cache && { fresh: time(cache.freshMs), stale: time(cache.staleMs), entries: cache.mostEntries },
      placeholder,
      price: pricePerCall === undefined ? undefined : formatExactDollars(pricePerCall),
    }),
  ) as JsonValue
}

function time(lengthMs: Millis | undefined): string | undefined {
  if (lengthMs === undefined) return undefined
  return lengthMs % 1_000 === 0 ? `${lengthMs / 1_000}s` : `${lengthMs}ms`
}

function withoutUndefined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}
