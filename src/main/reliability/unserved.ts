import type { AgentId } from '../../shared/domain/agent.ts'
import type { Entry } from './breakerBook.ts'

/** Calls that nobody has answered yet: the agent may say that it did. The oldest are forgotten. */
export interface Unserved {
  add(callId: string, entry: Entry): void
  /** Null where there is none of this agent. */
  take(callId: string, agentId: AgentId): Entry | null
}

const MOST_IN_A_GENERATION = 10_000

export function createUnserved(): Unserved {
  /** Two generations, of which the older goes as a whole: to look for the oldest in a map costs more with each that has gone. */
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  return {
    add(callId, entry) {
      if (young.size >= MOST_IN_A_GENERATION) {
        old = young
        young = new Map()
      }
      young.set(callId, entry)
    },
    take(callId, agentId) {
      const place = young.has(callId) ? young : old
      const entry = place.get(callId)
      if (!entry || entry.agentId !== agentId) return null
      place.delete(callId)
      return entry
    },
  }
}
