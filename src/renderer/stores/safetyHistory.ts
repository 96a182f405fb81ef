import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { Event } from '../../shared/domain/event.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { historyBars, historyStart, tally, type Tallies } from '@/safety/history.ts'
import { useAgentsStore } from './agents.ts'
import { useClockStore } from './clock.ts'
import { recordsIn } from './findings.ts'

const A_PAGE = 500
/** What goes beyond it is not drawn. */
const MOST_PAGES = 4

/** How often something was found of the agent that is looked at, minute by minute; asked for only while somebody looks. */
export const useSafetyHistoryStore = defineStore('safetyHistory', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const clock = useClockStore()

  const isWatched = shallowRef(false)
  const tallies = shallowRef<Tallies>(new Map())
  /** Whether it goes back all the way that is shown. */
  const isWhole = shallowRef(true)
  const bars = computed(() => historyBars(tallies.value, clock.now))

  let era = 0
  let isFetching = false
  let waiting: SafetyRecord[] = []

  async function load(): Promise<void> {
    const own = ++era
    waiting = []
    const agentId = agents.selected?.id
    if (agentId === undefined || !isWatched.value) return
    isFetching = true
    try {
      const found = new Map<string, SafetyRecord>()
      let before: number | null = null
      for (let page = 0; page < MOST_PAGES; page++) {
        const query = { agentId, from: historyStart(Date.now()), limit: A_PAGE }
        const { records, next }: { records: SafetyRecord[]; next: number | null } = await connection.client.request(
          'finding.list',
          before === null ? query : { ...query, before },
        )
        if (own !== era) return
        for (const record of records) found.set(record.id, record)
        before = next
        if (before === null) break
      }
      for (const record of waiting) found.set(record.id, record)
      tallies.value = tally(new Map(), [...found.values()], Date.now())
      isWhole.value = before === null
    } finally {
      if (own === era) isFetching = false
    }
  }

  // The list beside it says what is wrong; a drawing that lacks a few minutes is not worth a sentence of its own.
  const loadQuietly = (): void => void load().catch(() => {})

  function receive(events: readonly Event[]): void {
    const agentId = agents.selected?.id
    if (!isWatched.value || agentId === undefined) return
    const fresh = recordsIn(events).filter((record) => record.agentId === agentId)
    if (fresh.length === 0) return
    if (isFetching) waiting.push(...fresh)
    else tallies.value = tally(tallies.value, fresh, Date.now())
  }

  watch(
    [() => agents.selected?.id, isWatched],
    () => {
      tallies.value = new Map()
      loadQuietly()
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => (era += 1))

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load: async () => loadQuietly(), receive }), bars, isWhole, isWatched }
})
