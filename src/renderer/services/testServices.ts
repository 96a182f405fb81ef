import type { EventName, EventOf, EventPayload } from '../../shared/domain/event.ts'
import type { Performance } from '../../shared/domain/report.ts'
import type { ServiceView } from '../../shared/domain/service.ts'

/** Invented services and figures for specs. */

export function sampleService(changes: Partial<ServiceView> = {}): ServiceView {
  return {
    agentId: 'lg-7a3f9c2d',
    service: 'linkedin',
    endpoint: '',
    state: 'closed',
    since: 1_000,
    retryAt: null,
    failuresInARow: 0,
    calls: 33,
    failures: 0,
    blocked: 0,
    saved: 0,
    served: { primary: 33, cached: 0, placeholder: 0, custom: 0, failed: 0 },
    recoveries: 0,
    msIn: { closed: 1_000, open: 0, 'half-open': 0 },
    reason: null,
    formatted: { blocked: '0 leads', saved: null, viaFallback: null },
    ...changes,
  }
}

export function samplePerformance(changes: Partial<Performance> = {}): Performance {
  return {
    agentId: 'lg-7a3f9c2d',
    unit: 'lead',
    step: null,
    done: 23,
    total: 100,
    failed: 0,
    perHour: 212,
    latency: { p50: 1_400, p95: 2_100, p99: 2_600, samples: 23 },
    served: { primary: 66, cached: 34, placeholder: 0, custom: 0, failed: 0 },
    blocked: 66,
    saved: 6_600_000_000,
    formatted: { progress: '23 / 100 leads (23%)', success: '100% (23/23)', rate: '212 leads/hour', p50: 'P50: 1.4s', p95: 'P95: 2.1s', p99: 'P99: 2.6s', cacheHits: '34%', uptime: '99.8%', blocked: '66 leads', saved: '$6.60 saved', viaFallback: '98% via fallback' },
    ...changes,
  }
}

export function serviceEvent<N extends EventName>(seq: number, name: N, payload: EventPayload<N>, agentId: string | null = 'lg-7a3f9c2d'): EventOf<N> {
  return { seq, at: seq, severity: 'WARN', agentId, message: `${name}.`, name, payload } as EventOf<N>
}
