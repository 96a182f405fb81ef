import type { AgentId, LaunchPlan } from '../../shared/domain/agent.ts'

/** Whose calls come in at an address, for as long as its process lives. */
export interface Run {
  readonly agentId: AgentId
  readonly plan: LaunchPlan
}

/** The run behind a token; null when it is nobody's, or nobody's any more. */
export type FindRun = (token: string) => Run | null
