import type { ServiceView, Tier } from '../../shared/domain/service.ts'

export interface ServedSums {
  readonly served: Record<Tier, number>
  readonly blocked: number
  readonly saved: number
}

/** All services of an agent as one. */
export function sumServed(services: readonly Pick<ServiceView, 'served' | 'blocked' | 'saved'>[]): ServedSums {
  const served: Record<Tier, number> = { primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 }
  let blocked = 0
  let saved = 0
  for (const service of services) {
    for (const tier of Object.keys(served) as Tier[]) served[tier] += service.served[tier]
    blocked += service.blocked
    saved = Math.min(Number.MAX_SAFE_INTEGER, saved + service.saved)
  }
  return { served, blocked, saved }
}
