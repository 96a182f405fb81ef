import type { AgentMetrics } from '../../shared/contract/agents.ts'

/**
 * How an agent has worked: `23 / 100 leads (23%), success 100% (23/23), 212 leads/hour, P95: 2.1s`, and what its services did,
 * `Services: 34% from the cache, 98% via fallback, 66 leads kept away, $6.60 saved`; none of what it did not do.
 */
export function describePerformance({ formatted }: Pick<AgentMetrics, 'formatted'>): string[] {
  const { progress, success, rate, p95, uptime, cacheHits, viaFallback, blocked, saved } = formatted
  // That it was there all the time goes without saying, and what nobody worked at was not kept waiting.
  const away = progress === null || uptime === null || uptime === '100%' ? null : `uptime ${uptime}`
  const work = join(progress, success === null ? null : `success ${success}`, rate, p95, away)
  const services = join(cacheHits === null || cacheHits === '0%' ? null : `${cacheHits} from the cache`, viaFallback, blocked === null ? null : `${blocked} kept away`, saved)
  return [...(work === '' ? [] : [work]), ...(services === '' ? [] : [`Services: ${services}`])]
}

const join = (...parts: (string | null)[]): string => parts.filter((part) => part !== null).join(', ')
