import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { SpendPoint } from '../../shared/contract/costs.ts'
import type { Event } from '../../shared/domain/event.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import { emptySeries, withPoint, type ThinnedSeries } from '../../shared/thinnedSeries.ts'
import { courseOf, paceOf } from '@/cost/pace.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'
import { useClockStore } from './clock.ts'
import { useRoomStore } from './room.ts'

/** Higher than this above the limit nothing is drawn: the limit would be a line at the bottom. */
const TOP_OF_LIMIT = 1.5

/** What the agent that is looked at has spent by when: what the ledger says, and what comes after it. */
export const useSpendingStore = defineStore('spending', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const budgets = useBudgetsStore()
  const clock = useClockStore()
  const room = useRoomStore()
  const series = shallowRef<ThinnedSeries<SpendPoint>>(emptySeries())
  let era = 0
  /** What comes while the past is asked for. */
  let waiting: SpendPoint[] | null = null

  async function load(): Promise<void> {
    const own = ++era
    const agent = agents.selected
    waiting = null
    if (!agent) return
    waiting = []
    const begin: SpendPoint = { at: agent.createdAt, spent: 0, calls: 0 }
    let past: readonly SpendPoint[] = []
    try {
      past = (await connection.client.request('cost.history', { agentId: agent.id })).points
    } catch {
      // A drawing that begins later is not worth a sentence: the figures beside it are whole.
    }
    if (own !== era) return
    series.value = [begin, ...past, ...(waiting ?? [])].reduce(withPoint, emptySeries<SpendPoint>())
    waiting = null
  }

  function receive(events: readonly Event[]): void {
    const agentId = agents.selected?.id
    const fresh = events.flatMap((event) => {
      if (event.name !== 'budget.changed' || event.agentId !== agentId) return []
      const { spent, calls } = event.payload.budget
      return [{ at: event.at, spent, calls }]
    })
    if (fresh.length === 0) return
    if (waiting) waiting.push(...fresh)
    else series.value = fresh.reduce(withPoint, series.value)
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

  const points = computed(() => series.value.points)
  /** Whether anything goes on that could spend. */
  const isSpending = computed(() => agents.selected !== null && !isSettled(agents.selected.status))
  // The room's clock may be ahead of this page's.
  const now = computed(() => Math.max(room.lostAt ?? clock.now, points.value.at(-1)?.at ?? 0))
  const pace = computed(() => (isSpending.value && budgets.selected ? paceOf(points.value, budgets.selected, now.value) : null))
  /** What was, up to this moment. */
  const past = computed(() => {
    const last = points.value.at(-1)
    return last && isSpending.value && last.at < now.value ? [...points.value, { ...last, at: now.value }] : points.value
  })
  const course = computed(() => {
    const budget = budgets.selected
    return isSpending.value && budget ? courseOf(points.value, budget, now.value, budget.limit * TOP_OF_LIMIT) : null
  })

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }), points, past, pace, course, isSpending }
})
