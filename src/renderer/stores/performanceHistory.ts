import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { Event } from '../../shared/domain/event.ts'
import type { PerformancePoint } from '../../shared/domain/report.ts'
import { pointOf } from '../../shared/formatPerformance.ts'
import { emptySeries, withPoint, type ThinnedSeries } from '../../shared/thinnedSeries.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useAgentsStore } from './agents.ts'

type Series = ThinnedSeries<PerformancePoint>

/** How the agent that is looked at has worked, moment by moment: what the room remembers, and what comes after it. */
export const usePerformanceHistoryStore = defineStore('performanceHistory', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const series = shallowRef<Series>(emptySeries())
  let era = 0
  /** What comes while the past is asked for. */
  let waiting: PerformancePoint[] | null = null

  const add = (to: Series, points: readonly PerformancePoint[]): Series => points.reduce(withPoint, to)

  async function load(): Promise<void> {
    const own = ++era
    const agentId = agents.selected?.id
    waiting = null
    if (agentId === undefined) return
    waiting = []
    try {
      const { points } = await connection.client.request('performance.history', { agentId })
      if (own === era) series.value = add(emptySeries(), [...points, ...(waiting ?? [])])
    } catch {
      // A drawing that begins later is not worth a sentence: the figures beside it are whole.
      if (own === era) series.value = add(series.value, waiting ?? [])
    } finally {
      if (own === era) waiting = null
    }
  }

  function receive(events: readonly Event[]): void {
    const agentId = agents.selected?.id
    const fresh = events.flatMap((event) => (event.name === 'performance.changed' && event.agentId === agentId && event.payload.performance.formatted.progress !== null ? [pointOf(event.at, event.payload.performance)] : []))
    if (fresh.length === 0) return
    if (waiting) waiting.push(...fresh)
    else series.value = add(series.value, fresh)
  }

  watch(
    () => agents.selected?.id,
    () => {
      series.value = emptySeries()
      void load()
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => (era += 1))

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }), points: computed(() => series.value.points) }
})
