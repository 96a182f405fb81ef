import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { Event } from '../../shared/domain/event.ts'
import type { RecordKind, SafetyRecord } from '../../shared/domain/safety.ts'
import { saveText } from '@/lib/saveText.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'

export const FINDINGS_A_PAGE = 100
/** Beyond it the list begins anew with the newest page: the whole of it is in the export. */
export const MOST_FINDINGS = 1_000

export interface FindingFilter {
  readonly kind: RecordKind | null
  readonly type: string | null
}

export type ExportFormat = 'csv' | 'jsonl'

const EVERYTHING: FindingFilter = { kind: null, type: null }

function fits(record: SafetyRecord, agentId: string, { kind, type }: FindingFilter): boolean {
  return record.agentId === agentId && (kind === null || record.kind === kind) && (type === null || record.type === type)
}

export function recordsIn(events: readonly Event[]): SafetyRecord[] {
  return events.flatMap((event) => (event.name === 'safety.recorded' ? event.payload.records : []))
}

/** With the fresh ones, oldest first as they came, in front; each once. */
function withFresh(records: readonly SafetyRecord[], fresh: readonly SafetyRecord[]): readonly SafetyRecord[] {
  if (fresh.length === 0) return records
  const known = new Set(records.map(({ id }) => id))
  const unknown = fresh.filter(({ id }) => !known.has(id) && known.add(id))
  return unknown.length === 0 ? records : [...unknown.reverse(), ...records]
}

/** What stands in the safety audit about the agent that is looked at, newest first. */
export const useFindingsStore = defineStore('findings', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  const filter = shallowRef<FindingFilter>(EVERYTHING)
  const records = shallowRef<readonly SafetyRecord[]>([])
  /** Where the page after this one begins; null at the end. */
  const next = shallowRef<number | null>(null)
  const isLoaded = shallowRef(false)
  const isLoadingOlder = shallowRef(false)
  const exporting = shallowRef<ExportFormat | null>(null)
  /** The one that somebody looks at. */
  const opened = shallowRef<SafetyRecord | null>(null)
  /** More of them would be too many for a page. */
  const isFull = computed(() => records.value.length >= MOST_FINDINGS)

  /** Counts lists: what was asked for an old one has nothing more to say. */
  let era = 0
  let isFetching = false
  let hasFailed = false
  /** The place in the sequence up to which events are on the list. */
  let place = Number.POSITIVE_INFINITY
  let waiting: SafetyRecord[] = []

  const query = (): { kind?: RecordKind; type?: string } => ({
    ...(filter.value.kind === null ? {} : { kind: filter.value.kind }),
    ...(filter.value.type === null ? {} : { type: filter.value.type }),
  })

  async function load(): Promise<void> {
    const own = ++era
    const agentId = agents.selected?.id
    waiting = []
    hasFailed = false
    if (agentId === undefined) return
    isFetching = true
    try {
      const page = await connection.client.request('finding.list', { agentId, ...query(), limit: FINDINGS_A_PAGE })
      if (own !== era) return
      records.value = withFresh(page.records, waiting)
      next.value = page.next
      isLoaded.value = true
    } catch (problem) {
      // Of a list that nobody looks at any more there is nothing to say.
      if (own !== era) return
      hasFailed = true
      throw problem
    } finally {
      if (own === era) {
        isFetching = false
        waiting = []
      }
    }
  }

  function loadQuietly(): void {
    load().catch((problem: unknown) => {
      if (connection.state().kind === 'open') notices.fail(problem)
    })
  }

  function receive(events: readonly Event[]): void {
    const [first] = events
    if (!first) return
    const hasMissed = first.seq > place + 1
    place = events.at(-1)?.seq ?? place
    if (hasMissed || hasFailed) loadQuietly()
    const agentId = agents.selected?.id
    if (agentId === undefined) return
    const fresh = recordsIn(events).filter((record) => fits(record, agentId, filter.value))
    if (isFetching) {
      waiting.push(...fresh)
      return
    }
    records.value = withFresh(records.value, fresh)
    if (records.value.length > MOST_FINDINGS) loadQuietly()
  }

  async function loadOlder(): Promise<void> {
    const agentId = agents.selected?.id
    const before = next.value
    const own = era
    if (agentId === undefined || before === null || isLoadingOlder.value || isFull.value) return
    isLoadingOlder.value = true
    try {
      const page = await connection.client.request('finding.list', { agentId, ...query(), before, limit: FINDINGS_A_PAGE })
      // The list may have begun anew meanwhile.
      if (own !== era) return
      records.value = [...records.value, ...page.records]
      next.value = page.next
    } catch (problem) {
      notices.fail(problem)
    } finally {
      isLoadingOlder.value = false
    }
  }

  function startAnew(): void {
    records.value = []
    next.value = null
    isLoaded.value = false
    loadQuietly()
  }

  function choose(chosen: FindingFilter): void {
    filter.value = chosen
    startAnew()
  }

  /** Everything that the filter lets through, as a file. */
  async function exportAs(format: ExportFormat): Promise<void> {
    const agentId = agents.selected?.id
    if (agentId === undefined || exporting.value !== null) return
    exporting.value = format
    try {
      const input = { agentId, ...query() }
      if (format === 'csv') saveText(`safety-${agentId}.csv`, 'text/csv;charset=utf-8', await connection.client.request('audit.exportCsv', input))
      else saveText(`safety-${agentId}.jsonl`, 'application/x-ndjson;charset=utf-8', await connection.client.request('audit.exportJsonLines', input))
    } catch (problem) {
      notices.fail(problem)
    } finally {
      exporting.value = null
    }
  }

  /** Hands it to whoever asked and keeps nothing of it. */
  async function openOriginal(findingId: string, reason: string): Promise<string> {
    const { original } = await connection.client.request('finding.open', { findingId, reason })
    return original
  }

  watch(
    () => agents.selected?.id ?? null,
    (agentId) => {
      filter.value = EVERYTHING
      if (opened.value?.agentId !== agentId) opened.value = null
      startAnew()
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(
    connection.onState((state) => {
      if (state.kind === 'open' && hasFailed) loadQuietly()
    }),
  )

  /** The place is read before the page: what was recorded in between comes twice, and is taken once. */
  async function loadView(): Promise<void> {
    const { latest } = await connection.client.request('event.list', { after: 0, limit: 1 })
    place = latest
    await load()
  }

  return {
    view: markRaw<FeedView>({ seq: () => place, load: loadView, receive }),
    filter,
    records,
    next,
    isLoaded,
    isFull,
    isLoadingOlder,
    exporting,
    opened,
    choose,
    loadOlder,
    exportAs,
    openOriginal,
    look: (record: SafetyRecord) => {
      opened.value = record
    },
    close: () => {
      opened.value = null
    },
  }
})
