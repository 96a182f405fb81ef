import { onScopeDispose, readonly, shallowRef, watch, type ShallowRef } from 'vue'
import type { Agent, AgentId, AgentStatus } from '../../shared/domain/agent.ts'
import type { Timing } from '@/room/timing.ts'
import { STATUS_LOOK } from './statusLook.ts'

/** A screen reader that is told of every change at once says none of them to the end. */
const PAUSE_MS = 1_500
const MOST_AT_ONCE = 3

/** One short text for a live region: the agents whose status has changed, the last status of each. */
export function useStatusNews(agents: () => readonly Agent[], timing: Timing): Readonly<ShallowRef<string>> {
  const text = shallowRef('')
  const known = new Map<AgentId, AgentStatus>()
  const changed = new Map<AgentId, Agent>()
  let callOff: (() => void) | null = null

  function say(): void {
    callOff = null
    const news = [...changed.values()].map((agent) => `${agent.plan.name} ${agent.id}: ${STATUS_LOOK[agent.status].word}.`)
    changed.clear()
    const rest = news.length - MOST_AT_ONCE
    text.value = [...news.slice(0, MOST_AT_ONCE), ...(rest > 0 ? [`${rest} more agents have changed.`] : [])].join(' ')
  }

  watch(
    agents,
    (now, before) => {
      for (const agent of now) {
        // The agents that were there at first are no news.
        if (before !== undefined && known.get(agent.id) !== agent.status) changed.set(agent.id, agent)
        known.set(agent.id, agent.status)
      }
      if (changed.size > 0) callOff ??= timing.after(PAUSE_MS, say)
    },
    { immediate: true },
  )
  onScopeDispose(() => callOff?.())

  return readonly(text)
}
