import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef, watch } from 'vue'
import type { CommandName } from '../../shared/contract/contract.ts'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { Event } from '../../shared/domain/event.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useNoticesStore } from './notices.ts'
import { createProjection } from './projection.ts'
import { useUndoStore } from './undo.ts'

export type AgentsById = ReadonlyMap<AgentId, Agent>
export type AgentAction = Extract<CommandName, 'agent.stop' | 'agent.restart'>

export function applyAgentEvent(agents: AgentsById, event: Event): AgentsById {
  if (event.name === 'agent.changed') {
    const next = new Map(agents)
    next.set(event.payload.agent.id, event.payload.agent)
    return next
  }
  if (event.name === 'agent.removed' && event.agentId !== null) {
    const next = new Map(agents)
    next.delete(event.agentId)
    return next
  }
  return agents
}

export function newestFirst(agents: AgentsById): Agent[] {
  return [...agents.values()].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
}

/** Every agent as it is now, and the one that is looked at. */
export const useAgentsStore = defineStore('agents', () => {
  const connection = useRoomConnection()
  const notices = useNoticesStore()
  const undo = useUndoStore()

  const view = createProjection<AgentsById>({
    empty: new Map(),
    fetch: async () => {
      const { agents, seq } = await connection.client.request('agent.list', {})
      return { seq, state: new Map(agents.map((agent) => [agent.id, agent])) }
    },
    apply: applyAgentEvent,
  })

  /** Started here a moment ago; its own event may still be on the way. */
  const justStarted = shallowRef<Agent | null>(null)
  const chosenId = shallowRef<AgentId | null>(null)
  const underWay = shallowRef<ReadonlyMap<AgentId, AgentAction>>(new Map())

  /** Out of sight, and in the room until nobody can want them back. */
  const removed = shallowRef<ReadonlySet<AgentId>>(new Set())
  /** Somebody is asked first whether this one, which is running, shall begin anew. */
  const restartAsked = shallowRef<AgentId | null>(null)

  const agents = computed(() => {
    const started = justStarted.value
    const all = !started || view.state.value.has(started.id) ? view.state.value : new Map(view.state.value).set(started.id, started)
    return newestFirst(all).filter(({ id }) => !removed.value.has(id))
  })
  const selected = computed(() => agents.value.find((agent) => agent.id === chosenId.value) ?? null)
  /** An agent that has left the list goes by its id. */
  const nameOf = (agentId: string): string => agents.value.find(({ id }) => id === agentId)?.plan.name ?? agentId
  const running = computed(() => agents.value.filter((agent) => isAlive(agent.status) || agent.status === 'restarting').length)

  // Once the room has told of it, it goes when the room says so, whoever removed it.
  const forgetStart = (known: AgentsById): void => {
    if (justStarted.value && known.has(justStarted.value.id)) justStarted.value = null
  }
  watch(view.state, forgetStart, { flush: 'sync' })

  // Whoever types into a terminal must not find another under the hands because a newer agent has started somewhere.
  watch(
    agents,
    (now) => {
      if (!now.some((agent) => agent.id === chosenId.value)) chosenId.value = now[0]?.id ?? null
    },
    { flush: 'sync' },
  )

  function select(agentId: AgentId): void {
    chosenId.value = agentId
  }

  function showStarted(agent: Agent): void {
    justStarted.value = agent
    forgetStart(view.state.value)
    select(agent.id)
  }

  async function act(action: AgentAction, agentId: AgentId): Promise<void> {
    // Stop is heard at any time; the others wait for what is under way.
    if (underWay.value.has(agentId) && action !== 'agent.stop') return
    underWay.value = new Map(underWay.value).set(agentId, action)
    try {
      await connection.client.request(action, { agentId })
    } catch (problem) {
      notices.fail(problem)
    } finally {
      const rest = new Map(underWay.value)
      if (rest.get(agentId) === action) rest.delete(agentId)
      underWay.value = rest
    }
  }

  function restart(agentId: AgentId): void {
    const agent = agents.value.find(({ id }) => id === agentId)
    if (agent && isAlive(agent.status)) restartAsked.value = agentId
    else void act('agent.restart', agentId)
  }

  function answerRestart(isMeant: boolean): void {
    const agentId = restartAsked.value
    restartAsked.value = null
    if (isMeant && agentId !== null) void act('agent.restart', agentId)
  }

  const setRemoved = (agentId: AgentId, is: boolean): void => {
    const next = new Set(removed.value)
    if (is) next.add(agentId)
    else next.delete(agentId)
    removed.value = next
  }

  /** It leaves the list at once, and the room when nobody has taken that back. */
  function remove(agentId: AgentId): void {
    const agent = agents.value.find(({ id }) => id === agentId)
    if (!agent) return
    setRemoved(agentId, true)
    undo.offer({
      sentence: `${agent.plan.name} was removed from the list.`,
      undo() {
        setRemoved(agentId, false)
        select(agentId)
      },
      async settle() {
        try {
          await connection.client.request('agent.remove', { agentId })
          // It must not come back from the moment of its start.
          if (justStarted.value?.id === agentId) justStarted.value = null
        } catch (problem) {
          setRemoved(agentId, false)
          throw problem
        }
      },
    })
  }

  return { view: markRaw<FeedView>(view), agents, selected, nameOf, running, underWay, isLoaded: view.isLoaded, select, showStarted, act, restart, restartAsked, answerRestart, remove }
})
