import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef } from 'vue'
import type { CommandOutput } from '../../shared/contract/contract.ts'
import type { SafetyStatus } from '../../shared/contract/safety.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { SafetyMode, SafetyRules } from '../../shared/domain/safetyRules.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { addRecords } from '@/safety/figures.ts'
import { SILENT_LAYER, type RuleLayers } from '@/safety/ruleLayers.ts'
import { useAgentsStore } from './agents.ts'
import { createAtMostEvery } from './atMostEvery.ts'
import { useNoticesStore } from './notices.ts'
import { createProjection } from './projection.ts'

export interface RoomSafety {
  readonly agents: ReadonlyMap<AgentId, SafetyStatus>
  /** Said of all agents. */
  readonly room: SafetyRules
  /** Whether originals can be kept. */
  readonly isKept: boolean
}

export type TextCheck = CommandOutput<'safety.check'>

const ASK_EVERY_MS = 1_000

export function applySafetyEvent(safety: RoomSafety, event: Event): RoomSafety {
  switch (event.name) {
    case 'safety.recorded': {
      const agents = new Map(safety.agents)
      for (const [agentId, records] of Map.groupBy(event.payload.records, (record) => record.agentId)) {
        const status = agentId === null ? undefined : agents.get(agentId)
        if (status) agents.set(status.agentId, { ...status, counts: addRecords(status.counts, records) })
      }
      return { ...safety, agents }
    }
    case 'safety.rulesChanged': {
      const status = event.agentId === null ? undefined : safety.agents.get(event.agentId)
      return status ? { ...safety, agents: new Map(safety.agents).set(status.agentId, { ...status, rules: event.payload.rules }) } : safety
    }
    case 'agent.removed': {
      if (event.agentId === null || !safety.agents.has(event.agentId)) return safety
      const agents = new Map(safety.agents)
      agents.delete(event.agentId)
      return { ...safety, agents }
    }
    default:
      return safety
  }
}

/** An event tells the rules that hold; which layer says them, and what holds for a new agent, only the room can tell. */
function needsFreshSnapshot(safety: RoomSafety, event: Event, takenAt: number): boolean {
  // With the master key originals can be kept.
  if (event.name === 'safety.rulesChanged' || event.name === 'keys.changed') return true
  // What was counted already when the snapshot was taken is told only afterwards, and now stands there twice.
  if (event.name === 'safety.recorded') return event.payload.records.some(({ at }) => at <= takenAt)
  return event.name === 'agent.changed' && !safety.agents.has(event.payload.agent.id)
}

/** What was found of every agent, and the rules that hold for it. */
export const useSafetyStore = defineStore('safety', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  let takenAt = 0
  const view = createProjection<RoomSafety>({
    empty: { agents: new Map(), room: SILENT_LAYER, isKept: true },
    fetch: async () => {
      const { agents: all, room, isKept, seq } = await connection.client.request('safety.list', {})
      takenAt = browserTiming.now()
      return { seq, state: { agents: new Map(all.map((status) => [status.agentId, status])), room, isKept } }
    },
    apply: applySafetyEvent,
  })

  const isSaving = shallowRef(false)
  const selected = computed(() => (agents.selected ? (view.state.value.agents.get(agents.selected.id) ?? null) : null))
  const layers = computed((): RuleLayers | null => {
    if (!agents.selected || !selected.value) return null
    return { agent: selected.value.override, room: view.state.value.room, launch: agents.selected.plan.safety.rules }
  })

  const refreshing = createAtMostEvery(ASK_EVERY_MS, browserTiming, () => {
    view.load().catch((problem: unknown) => {
      if (connection.state().kind === 'open') notices.fail(problem)
    })
  })
  onScopeDispose(refreshing.stop)

  function receive(events: readonly Event[]): void {
    view.receive(events)
    if (view.isLoaded.value && events.some((event) => needsFreshSnapshot(view.state.value, event, takenAt))) refreshing.ask()
  }

  /** Of one agent, or of all; says whether the room has taken it. */
  async function setRules(agentId: AgentId | null, rules: SafetyRules): Promise<boolean> {
    if (isSaving.value) return false
    isSaving.value = true
    try {
      await connection.client.request('safety.setRules', { agentId, rules })
      refreshing.ask()
      return true
    } catch (problem) {
      notices.fail(problem)
      return false
    } finally {
      isSaving.value = false
    }
  }

  /** What else was said of the agent stays. */
  async function setMode(agentId: AgentId, mode: SafetyMode): Promise<void> {
    const override = view.state.value.agents.get(agentId)?.override ?? SILENT_LAYER
    await setRules(agentId, { ...override, mode })
  }

  /** Keeps nothing of the text. */
  function check(text: string, agentId: AgentId | null): Promise<TextCheck> {
    return connection.client.request('safety.check', { text, ...(agentId === null ? {} : { agentId }) })
  }

  return {
    view: markRaw<FeedView>({ ...view, receive }),
    isLoaded: view.isLoaded,
    safety: view.state,
    selected,
    layers,
    isSaving,
    setRules,
    setMode,
    check,
  }
})
