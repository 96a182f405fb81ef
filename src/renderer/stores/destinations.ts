import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Destination } from '../../shared/domain/service.ts'
import { useRoomConnection } from '@/room/connection.ts'
import { browserTiming } from '@/room/timing.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'

/** Counts of calls come with no event. */
const ASK_EVERY_MS = 2_000

/** The hosts that the agent which is looked at went to; asked for only while somebody looks. */
export const useDestinationsStore = defineStore('destinations', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()
  const known = shallowRef<{ readonly agentId: AgentId; readonly destinations: readonly Destination[] } | null>(null)
  const isWatched = shallowRef(false)
  const selected = computed(() => agents.selected?.id ?? null)
  let callOff: () => void = () => {}

  async function ask(): Promise<void> {
    callOff()
    const agentId = selected.value
    if (agentId === null || !isWatched.value) return
    callOff = browserTiming.after(ASK_EVERY_MS, () => void ask())
    if (connection.state().kind !== 'open') return
    try {
      const { destinations } = await connection.client.request('destination.list', { agentId })
      known.value = { agentId, destinations }
    } catch (problem) {
      if (connection.state().kind === 'open') notices.fail(problem)
    }
  }

  watch([selected, isWatched], () => void ask())
  onScopeDispose(() => callOff())

  return {
    destinations: computed(() => (known.value !== null && known.value.agentId === selected.value ? known.value.destinations : [])),
    isWatched,
  }
})
