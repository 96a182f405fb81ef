import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { Performance } from '../../shared/domain/report.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { createProjection } from './projection.ts'

export type Performances = ReadonlyMap<AgentId, Performance>

function applyPerformanceEvent(performances: Performances, event: Event): Performances {
  if (event.name === 'performance.changed') return new Map(performances).set(event.payload.performance.agentId, event.payload.performance)
  if (event.name !== 'agent.removed') return performances
  return new Map([...performances].filter(([agentId]) => agentId !== event.agentId))
}

/** How far and how fast every agent is. */
export const usePerformancesStore = defineStore('performances', () => {
  const { client } = useRoomConnection()
  const view = createProjection<Performances>({
    empty: new Map(),
    fetch: async () => {
      const { performances, seq } = await client.request('performance.list', {})
      return { seq, state: new Map(performances.map((one) => [one.agentId, one])) }
    },
    apply: applyPerformanceEvent,
  })
  return { view: markRaw<FeedView>(view), performances: view.state }
})
