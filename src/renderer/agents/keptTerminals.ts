import { shallowRef, watch, type ShallowRef } from 'vue'
import type { Agent } from '../../shared/domain/agent.ts'

/** A terminal keeps up to 10,000 lines in memory; the room keeps the rest, and brings it back on return. */
export const MOST_TERMINALS = 12

/** The agents whose terminals stay alive while others are looked at: the ones seen last. */
export function useKeptTerminals(agents: () => readonly Agent[], selectedId: () => string | null): Readonly<ShallowRef<readonly Agent[]>> {
  let seen: string[] = []
  const kept = shallowRef<readonly Agent[]>([])

  watch(
    [agents, selectedId],
    () => {
      const id = selectedId()
      if (id !== null) seen = [id, ...seen.filter((other) => other !== id)].slice(0, MOST_TERMINALS)
      // In the order of the agents, not of the visits: moving a terminal in the page would cost its focus.
      kept.value = agents().filter((agent) => seen.includes(agent.id))
    },
    { immediate: true },
  )
  return kept
}
