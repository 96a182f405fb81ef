import type { AgentStatus } from './agent.ts'

/** Whether a process may exist behind this status. */
export function isAlive(status: AgentStatus): boolean {
  return status === 'starting' || status === 'running' || status === 'stopping'
}

/** Whether nothing more will happen unless somebody asks for it. */
export function isSettled(status: AgentStatus): boolean {
  return status === 'stopped' || status === 'crashed' || status === 'blocked' || status === 'over-budget'
}
