import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller, Role } from '../../shared/domain/roles.ts'
import type { AgentRun } from './secretPolicy.ts'

/** Who asks for a secret, as it is judged and written down. */
export interface Requester {
  readonly role: Role
  readonly id: string
  readonly agentId: AgentId | null
  /** For an agent: the run that it is in at this moment, or null. */
  readonly run: AgentRun | null
}

/** As it is written down: whoever was turned away has no role. */
export type Noted = Pick<Requester, 'id' | 'agentId'> & { readonly role: Role | 'nobody' }

/** Somebody whom no door knows: without a token, or with one that opens nothing. */
export const NOBODY: Noted = { role: 'nobody', id: 'nobody', agentId: null }

/** The room by itself: what falls due. */
export const THE_ROOM: Requester = { role: 'admin', id: 'room', agentId: null, run: null }

export function requesterOf({ role, id }: Caller, runOf: (agentId: AgentId) => AgentRun | null): Requester {
  return role === 'agent' ? agentRequester(id, runOf(id)) : { role, id, agentId: null, run: null }
}

export function agentRequester(agentId: AgentId, run: AgentRun | null): Requester {
  return { role: 'agent', id: agentId, agentId, run }
}
