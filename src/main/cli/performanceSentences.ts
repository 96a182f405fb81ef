import type { AgentMetrics } from '../../shared/contract/agents.ts'

/** How an agent has worked, in a line: `23 / 100 leads (23%), 100% (23/23), 212 leads/hour, P95: 2.1s`; none of one that told no progress. */
export function describePerformance({ formatted }: Pick<AgentMetrics, 'formatted'>): string[] {
  const { progress, success, rate, p95 } = formatted
  if (progress === null) return []
  const withSuccess = success === null ? null : `success ${success}`
  return [[progress, withSuccess, rate, p95].filter((part) => part !== null).join(', ')]
}
