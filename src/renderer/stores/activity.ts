import { defineStore } from 'pinia'
import { markRaw, shallowRef } from 'vue'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event, Severity } from '../../shared/domain/event.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { createProjection } from './projection.ts'

/** An event as a line; what it carries is other stores' business. */
export interface Activity {
  readonly seq: number
  readonly at: number
  readonly severity: Severity
  readonly agentId: AgentId | null
  readonly message: string
}

export const MOST_ACTIVITIES = 1_000
/** Cutting at each event would copy a thousand lines for one. */
const SLACK = 200

export function toActivity({ seq, at, severity, agentId, message }: Event): Activity {
  return { seq, at, severity, agentId, message }
}

/** Snapshots that come four times a second; what there is to tell of them has events of its own. */
const SNAPSHOTS: ReadonlySet<Event['name']> = new Set(['budget.changed', 'performance.changed', 'service.changed'])

const isActivity = ({ name }: Event): boolean => !SNAPSHOTS.has(name)

/** The lines of one agent and of the room itself. */
export function activitiesOf(activities: readonly Activity[], agentId: AgentId | null): Activity[] {
  return activities.filter((activity) => activity.agentId === null || activity.agentId === agentId)
}

export function appendActivity(activities: readonly Activity[], event: Event): readonly Activity[] {
  if (!isActivity(event)) return activities
  const next = [...activities, toActivity(event)]
  return next.length > MOST_ACTIVITIES + SLACK ? next.slice(-MOST_ACTIVITIES) : next
}

/** The last things that happened, oldest first. */
export const useActivityStore = defineStore('activity', () => {
  const { client } = useRoomConnection()
  /** Counts the starts of the room that we lived through: what it kept in memory has gone with each. */
  const roomStarts = shallowRef(0)

  const view = createProjection<readonly Activity[]>({
    empty: [],
    fetch: async () => {
      const { latest } = await client.request('event.list', { after: 0, limit: 1 })
      const { events } = await client.request('event.list', { after: Math.max(0, latest - MOST_ACTIVITIES), limit: MOST_ACTIVITIES })
      return { seq: events.at(-1)?.seq ?? latest, state: events.filter(isActivity).map(toActivity) }
    },
    apply: appendActivity,
  })

  function receive(events: readonly Event[]): void {
    roomStarts.value += events.filter((event) => event.name === 'room.started').length
    view.receive(events)
  }

  return { view: markRaw<FeedView>({ ...view, receive }), activities: view.state, roomStarts }
})
