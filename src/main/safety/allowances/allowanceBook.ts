import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Allowance } from '../../../shared/domain/safety.ts'

/** What was named as not private in the room, for one agent or for all. */
export interface AllowanceBook {
  list(): Allowance[]
  get(id: string): Allowance | null
  /** Those for all, and those for this agent. */
  of(agentId: AgentId | null): Allowance[]
  put(allowance: Allowance): void
  delete(id: string): void
  forgetAgent(agentId: AgentId): void
  replace(known: readonly Allowance[]): void
}

export function createAllowanceBook(known: readonly Allowance[]): AllowanceBook {
  const all = new Map(known.map((one) => [one.id, one]))
  return {
    list: () => [...all.values()],
    get: (id) => all.get(id) ?? null,
    of: (agentId) => [...all.values()].filter((one) => one.agentId === null || one.agentId === agentId),
    put: (allowance) => void all.set(allowance.id, allowance),
    delete: (id) => void all.delete(id),
    replace(known) {
      all.clear()
      for (const one of known) all.set(one.id, one)
    },
    forgetAgent(agentId) {
      for (const { id, agentId: whose } of all.values()) if (whose === agentId) all.delete(id)
    },
  }
}
