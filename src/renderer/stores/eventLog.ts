import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { Event, EventName, Severity } from '../../shared/domain/event.ts'
import { fitsKind, fitsWords, LOG_PAGE, lineOf, soughtWords, type EventFilter, type EventLine, type SoughtWord } from '../../shared/domain/eventFilter.ts'
import { messageOf } from '../../shared/errors.ts'
import { saveText } from '@/lib/saveText.ts'
import { filterOf, isUsual, USUAL_CHOICE, type LogChoice } from '@/log/logChoice.ts'
import { createLogPages, type LogPages } from '@/log/logPages.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'

export type LogFile = 'csv' | 'jsonl'

/** An event that somebody has unfolded. */
export interface UnfoldedEvent {
  readonly seq: number
  readonly index: number
  /** Null while it is on its way. */
  readonly event: Event | null
  /** Why it is not there. */
  readonly problem: string | null
}

/** Nobody sees anything after every letter. */
const TYPING_MS = 200
/** More than that and the list would get too high for browsers: then it begins anew, with what the room looks through. */
const MOST_LINES = 600_000

/** What happened, as a log of any length: the room keeps it, this page has what is in sight of it. */
export const useEventLogStore = defineStore('eventLog', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  const choice = shallowRef<LogChoice>(USUAL_CHOICE)
  const filter = computed((): EventFilter => filterOf(choice.value, agents.selected?.id ?? null))
  const words = computed((): readonly SoughtWord[] => soughtWords(filter.value.text))

  let pages = emptyPages()
  /** Goes up whenever a line may look otherwise. */
  const revision = shallowRef(0)
  /** Goes up whenever it is another list. */
  const era = shallowRef(0)
  const count = shallowRef(0)
  const isLoaded = shallowRef(false)
  const isLooking = shallowRef(false)
  const isWhole = shallowRef(true)
  /** How many lines there were when somebody stopped it; null while it runs. */
  const stoppedAt = shallowRef<number | null>(null)
  const shown = computed(() => stoppedAt.value ?? count.value)
  const unfolded = shallowRef<readonly UnfoldedEvent[]>([])
  const exporting = shallowRef<LogFile | null>(null)

  /** The place in the sequence up to which events are in the list, or wait for it. */
  let place = Number.POSITIVE_INFINITY
  let waiting: EventLine[] = []
  let isAsked = false
  let hasFailed = false
  /** Somebody is still choosing. */
  let isDue = false
  let callOff: () => void = () => {}

  function emptyPages(): LogPages {
    return createLogPages({ count: 0, pages: [], fetch: async () => [], onLines: () => {}, onLost: () => {} })
  }

  /** Up to the place that we have heard of; what comes after it is told. One look at a time: the room reads much for it. */
  async function look(): Promise<void> {
    if (isLooking.value) {
      isAsked = true
      waiting = []
      return
    }
    isLooking.value = true
    try {
      do await lookOnce()
      while (isAsked)
    } finally {
      isLooking.value = false
    }
  }

  async function lookOnce(): Promise<void> {
    isAsked = false
    hasFailed = false
    waiting = []
    const wanted = filter.value
    try {
      const outline = await connection.client.request('event.outline', { ...mutable(wanted), until: place })
      // Somebody wants to see something else by now.
      if (isAsked || isDue) return
      beginAnew(wanted, outline)
    } catch (problem) {
      if (isAsked || isDue) return
      hasFailed = true
      throw problem
    }
  }

  function beginAnew(wanted: EventFilter, outline: { count: number; pages: number[]; isWhole: boolean }): void {
    const own = (era.value += 1)
    pages = createLogPages({
      ...outline,
      fetch: async (after) => (await connection.client.request('event.lines', { ...mutable(wanted), after, limit: LOG_PAGE })).lines,
      onLines: () => {
        if (own === era.value) revision.value += 1
      },
      onLost: () => {
        if (own === era.value) lookQuietly()
      },
    })
    pages.append(waiting)
    waiting = []
    unfolded.value = []
    isWhole.value = outline.isWhole
    isLoaded.value = true
    count.value = pages.count()
    if (stoppedAt.value !== null) stoppedAt.value = count.value
    revision.value += 1
  }

  function lookQuietly(): void {
    if (!Number.isFinite(place)) return
    look().catch((problem: unknown) => {
      if (connection.state().kind === 'open') notices.fail(problem)
    })
  }

  function receive(events: readonly Event[]): void {
    // The feed begins where the earliest of its views is: what this one has already is not new.
    const later = events.filter(({ seq }) => seq > place)
    const [first] = later
    if (!first) return
    const hasMissed = first.seq > place + 1
    place = later.at(-1)?.seq ?? place
    if (hasMissed || hasFailed) return lookQuietly()
    const fresh = later.filter((event) => fitsKind(event, filter.value) && fitsWords(event, () => JSON.stringify(event.payload), words.value)).map(lineOf)
    if (fresh.length === 0) return
    if (isLooking.value || isDue) {
      waiting.push(...fresh)
      return
    }
    pages.append(fresh)
    count.value = pages.count()
    revision.value += 1
    if (count.value > MOST_LINES && stoppedAt.value === null) lookQuietly()
  }

  function choose(changes: Partial<LogChoice>): void {
    callOff()
    choice.value = { ...choice.value, ...changes }
    isDue = true
    callOff = browserTiming.after(changes.text ? TYPING_MS : 0, () => {
      isDue = false
      lookQuietly()
    })
  }

  async function unfold(seq: number, index: number): Promise<void> {
    const own = era.value
    const put = (changes: Partial<UnfoldedEvent>): void => {
      if (own === era.value) unfolded.value = unfolded.value.map((one) => (one.seq === seq ? { ...one, ...changes } : one))
    }
    unfolded.value = [...unfolded.value.filter((one) => one.seq !== seq), { seq, index, event: null, problem: null }].sort((one, other) => one.index - other.index)
    try {
      const { events } = await connection.client.request('event.list', { after: seq - 1, limit: 1 })
      const [event] = events
      put(event?.seq === seq ? { event } : { problem: 'It is no longer kept.' })
    } catch (problem) {
      put({ problem: messageOf(problem) })
    }
  }

  function toggle(seq: number, index: number): void {
    if (unfolded.value.some((one) => one.seq === seq)) unfolded.value = unfolded.value.filter((one) => one.seq !== seq)
    else void unfold(seq, index)
  }

  /** Everything that the filter lets through, as a file. */
  async function exportAs(format: LogFile): Promise<void> {
    if (exporting.value !== null) return
    exporting.value = format
    try {
      const input = mutable(filter.value)
      const name = `events-${input.agentId ?? 'all'}`
      if (format === 'csv') saveText(`${name}.csv`, 'text/csv;charset=utf-8', await connection.client.request('event.exportCsv', input))
      else saveText(`${name}.jsonl`, 'application/x-ndjson;charset=utf-8', await connection.client.request('event.exportJsonLines', input))
    } catch (problem) {
      notices.fail(problem)
    } finally {
      exporting.value = null
    }
  }

  async function load(): Promise<void> {
    const { latest } = await connection.client.request('event.list', { after: 0, limit: 1 })
    place = latest
    // The others need not wait for it: what happens from this place on waits here.
    lookQuietly()
  }

  watch(
    () => agents.selected?.id ?? null,
    () => {
      era.value += 1
      pages = emptyPages()
      count.value = 0
      stoppedAt.value = null
      unfolded.value = []
      isLoaded.value = false
      lookQuietly()
    },
    { flush: 'sync' },
  )
  onScopeDispose(
    connection.onState((state) => {
      if (state.kind !== 'open') return
      if (hasFailed) lookQuietly()
      // What was on its way when the connection was lost is asked for again.
      revision.value += 1
    }),
  )
  onScopeDispose(() => callOff())

  return {
    view: markRaw<FeedView>({ seq: () => place, load, receive }),
    choice,
    isFiltered: computed(() => !isUsual(choice.value)),
    words,
    revision,
    era,
    shown,
    fresh: computed(() => count.value - shown.value),
    isStopped: computed(() => stoppedAt.value !== null),
    isLoaded,
    isLooking,
    isWhole,
    unfolded,
    exporting,
    line: (index: number): EventLine | null => pages.line(index),
    want: (first: number, last: number): void => pages.want(first, last),
    choose,
    chooseUsual: () => choose(USUAL_CHOICE),
    stop: () => {
      stoppedAt.value = count.value
    },
    goOn: () => {
      stoppedAt.value = null
    },
    unfold,
    toggle,
    exportAs,
  }
})

/** As the contract writes it down. */
function mutable({ severities, names, ...rest }: EventFilter): Omit<EventFilter, 'severities' | 'names'> & { severities?: Severity[]; names?: EventName[] } {
  return { ...rest, ...(severities ? { severities: [...severities] } : {}), ...(names ? { names: [...names] } : {}) }
}
