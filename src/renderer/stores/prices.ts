import { defineStore } from 'pinia'
import { markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { CommandInput } from '../../shared/contract/contract.ts'
import type { PriceList } from '../../shared/contract/prices.ts'
import type { Event } from '../../shared/domain/event.ts'
import { messageOf } from '../../shared/errors.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { createAtMostEvery } from './atMostEvery.ts'

export type PriceChange = CommandInput<'price.change'>

const ASK_EVERY_MS = 500

/** What models cost; asked for only while somebody looks. */
export const usePricesStore = defineStore('prices', () => {
  const connection = useRoomConnection()
  const isWatched = shallowRef(false)
  const list = shallowRef<PriceList | null>(null)
  const problem = shallowRef<string | null>(null)

  let era = 0
  async function load(): Promise<void> {
    if (!isWatched.value) return
    const own = ++era
    try {
      const answer = await connection.client.request('price.list', {})
      if (own === era) take(answer)
    } catch (failure) {
      if (own === era && connection.state().kind === 'open') problem.value = messageOf(failure)
    }
  }
  const refreshing = createAtMostEvery(ASK_EVERY_MS, browserTiming, () => void load())
  onScopeDispose(refreshing.stop)
  watch(isWatched, (isIt) => {
    if (isIt) void load()
  })

  function take(answer: PriceList): void {
    list.value = answer
    problem.value = null
  }

  function receive(events: readonly Event[]): void {
    const isChanged = events.some((event) => event.name === 'room.started' || (event.name === 'settings.changed' && event.payload.keys.includes('prices')))
    if (isChanged && isWatched.value) refreshing.ask()
  }

  /** Whoever asks says what was wrong. */
  async function change(wanted: PriceChange): Promise<void> {
    const answer = await connection.client.request('price.change', wanted)
    era += 1
    take(answer)
  }

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }), isWatched, list, problem, change }
})
