import type { Agent, AgentStatus } from '../../shared/domain/agent.ts'
import type { News } from './notice.ts'

const aboutAgent = (agentId: string): string => `agent ${agentId}`

const AFTER_TROUBLE: ReadonlySet<AgentStatus> = new Set(['crashed', 'restarting'])

/** Of an agent whose status has changed; null where that is no news. What was halted is told with what was found. */
export function agentNews({ id, plan, status, reason, restarts }: Agent, before: AgentStatus, at: number): News | null {
  const common = { about: aboutAgent(id), kind: 'agent', agentId: id, at, lead: { word: 'Show the agent', panel: 'live', record: null } } as const
  const facts = restarts > 0 ? [{ word: 'Restarts', value: String(restarts) }] : []
  if (status === 'crashed') return { ...common, facts, weight: 'urgent', tone: 'bad', title: `${plan.name} has crashed`, sentence: reason ?? 'It ended by itself.' }
  if (status === 'restarting') return { ...common, facts, weight: 'notable', tone: 'caution', title: `${plan.name} starts again`, sentence: reason ?? 'It ended by itself.' }
  if (status === 'running' && AFTER_TROUBLE.has(before)) return { ...common, facts, weight: 'passing', tone: 'good', title: `${plan.name} runs again`, sentence: 'It has been started again.' }
  return null
}
