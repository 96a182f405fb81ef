import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef } from 'vue'
import type { CommandOutput } from '../../shared/contract/contract.ts'
import type { Event } from '../../shared/domain/event.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useNoticesStore } from './notices.ts'

export type StageStatus = CommandOutput<'stage.status'>

/** Whether the room is shown to an audience, and its secrets are locked for that time. */
export const useStageStore = defineStore('stage', () => {
  const connection = useRoomConnection()
  const notices = useNoticesStore()

  /** Null as long as nobody knows. */
  const status = shallowRef<StageStatus | null>(null)
  const isLocked = computed(() => status.value?.locked ?? false)

  let era = 0
  async function load(): Promise<void> {
    const own = ++era
    try {
      const answer = await connection.client.request('stage.status', {})
      if (own === era) status.value = answer
    } catch (problem) {
      if (own === era && connection.state().kind === 'open') notices.fail(problem)
    }
  }

  function take(answer: StageStatus): void {
    era += 1
    status.value = answer
  }

  function receive(events: readonly Event[]): void {
    const last = events.findLast((event) => event.name === 'stage.changed')
    if (!last) return
    const { locked, lockedBy, lockedAt } = last.payload.stage
    // What is on the page must not be seen a moment longer; who may unlock it, the room tells.
    if (status.value) status.value = { ...status.value, locked, lockedBy, lockedAt }
    void load()
  }

  return {
    view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }),
    status,
    isLocked,
    lock: async (password: string | null): Promise<void> => take(await connection.client.request('stage.lock', password === null ? {} : { password })),
    unlock: async (password: string): Promise<void> => take(await connection.client.request('stage.unlock', { password })),
  }
})
