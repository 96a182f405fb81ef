import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'

/** An agent speaks of itself only; everybody else who may ask at all may ask about any. */
export function requireOwn(agentId: AgentId, caller: Caller, what: string): void {
  if (caller.role !== 'agent' || caller.id === agentId) return
  throw new AppError('FORBIDDEN', `An agent reaches its own ${what} only; this one is ${caller.id}.`)
}
