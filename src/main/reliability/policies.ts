import type { BreakerPolicy, ServiceDeclaration, ServicePolicy } from '../../shared/domain/servicePolicy.ts'

/** What holds for a service of which nobody says more. */
const DEFAULT_POLICY: Omit<ServicePolicy, 'name'> = {
  hosts: [],
  breaker: { failures: 5, cooldownMs: 60_000, longestCooldownMs: 3_600_000, probeMs: 30_000, window: null },
  fallback: [],
  cache: { freshMs: 0, staleMs: 86_400_000, mostEntries: 1_000 },
  placeholder: null,
  pricePerCall: 0,
}

/** An upstream thinks longer than other services do. */
export const UPSTREAM_POLICY: BreakerPolicy = { failures: 5, cooldownMs: 60_000, longestCooldownMs: 600_000, probeMs: 120_000, window: null }

/** Who speaks last is right, value by value: the defaults, the code, the agent file. */
export function mergePolicy(name: string, inCode: Partial<ServiceDeclaration> | undefined, inFile: Partial<ServiceDeclaration> | undefined): ServicePolicy {
  let policy: ServicePolicy = { name, ...DEFAULT_POLICY }
  for (const said of [inCode, inFile]) {
    if (!said) continue
    policy = {
      ...policy,
      ...defined(said),
      breaker: { ...policy.breaker, ...defined(said.breaker ?? {}) },
      cache: { ...policy.cache, ...defined(said.cache ?? {}) },
      name,
    }
  }
  return policy
}

function defined<T extends object>(said: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
