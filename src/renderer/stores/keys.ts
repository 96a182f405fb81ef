import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef } from 'vue'
import type { CommandInput, CommandOutput } from '../../shared/contract/contract.ts'
import type { Event } from '../../shared/domain/event.ts'
import { keep, readKept } from '@/lib/keptHere.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { createAtMostEvery } from './atMostEvery.ts'
import { useNoticesStore } from './notices.ts'

export type KeyStatus = CommandOutput<'keys.status'>
export type NewKey = CommandInput<'keys.create'>

const PUT_AWAY = 'iron-cage.key-card.put-away'
const ASK_EVERY_MS = 500

/** Whether the room has its master key. The passphrase passes through and stays nowhere. */
export const useKeysStore = defineStore('keys', () => {
  const connection = useRoomConnection()
  const notices = useNoticesStore()

  /** Null as long as nobody knows. */
  const status = shallowRef<KeyStatus | null>(null)
  const isOpen = computed(() => status.value?.state === 'open')
  /** The state that somebody has read about and put away, in this browser. */
  const putAway = shallowRef(readKept(PUT_AWAY))
  /** What is to be told apart from the secrets themselves; null where there is nothing, or it was put away. */
  const toTell = computed(() => (status.value === null || isOpen.value || putAway.value === status.value.state ? null : status.value))

  let era = 0
  async function load(): Promise<void> {
    const own = ++era
    try {
      const answer = await connection.client.request('keys.status', {})
      if (own === era) status.value = answer
    } catch (problem) {
      if (own === era && connection.state().kind === 'open') notices.fail(problem)
    }
  }
  const refreshing = createAtMostEvery(ASK_EVERY_MS, browserTiming, () => void load())
  onScopeDispose(refreshing.stop)

  function receive(events: readonly Event[]): void {
    // Which ways there are now, only the room can tell; after its start its key is looked for anew.
    if (events.some(({ name }) => name === 'keys.changed' || name === 'room.started')) refreshing.ask()
  }

  function take(answer: KeyStatus): void {
    era += 1
    status.value = answer
  }

  return {
    view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }),
    status,
    isOpen,
    toTell,
    dismiss: () => {
      putAway.value = status.value?.state ?? null
      if (putAway.value !== null) keep(PUT_AWAY, putAway.value)
    },
    create: async (key: NewKey): Promise<void> => take(await connection.client.request('keys.create', key)),
    unlock: async (passphrase: string): Promise<void> => take(await connection.client.request('keys.unlock', { passphrase })),
  }
})
