import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import { saveText } from '@/lib/saveText.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'
import { createProjection, type Projection } from './projection.ts'

export const CALLS_A_PAGE = 200
/** Beyond it the list begins anew with the newest page: the whole of it is in the export. */
export const MOST_CALLS = 1_000

export interface CallPage {
  readonly calls: readonly Call[]
  /** Where the page after this one begins; null at the end. */
  readonly next: number | null
}

interface AgentCalls {
  readonly agentId: AgentId
  readonly view: Projection<CallPage>
  /** Its first page could not be had. */
  hasFailed: boolean
}

function applyCallEvent(page: CallPage, event: Event, agentId: AgentId): CallPage {
  if (event.name !== 'llm.callFinished' || event.agentId !== agentId) return page
  return { calls: [event.payload.call, ...page.calls], next: page.next }
}

/** The LLM calls of the agent that is looked at, newest first. */
export const useCallsStore = defineStore('calls', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  const current = shallowRef<AgentCalls | null>(null)
  const older = shallowRef<CallPage | null>(null)
  const isLoadingOlder = shallowRef(false)
  const isExporting = shallowRef(false)
  /** Somebody came to it from elsewhere than the list. */
  const looked = shallowRef<Call | null>(null)

  const calls = computed((): readonly Call[] => {
    const newest = current.value?.view.state.value.calls ?? []
    return older.value ? [...newest, ...older.value.calls] : newest
  })
  const next = computed(() => (older.value ?? current.value?.view.state.value)?.next ?? null)
  const isLoaded = computed(() => current.value?.view.isLoaded.value ?? false)
  /** More of them would be too many for a page. */
  const isFull = computed(() => calls.value.length >= MOST_CALLS)

  function callsOf(agentId: AgentId): AgentCalls {
    const view = createProjection<CallPage>({
      empty: { calls: [], next: null },
      fetch: async () => {
        const { calls, next, seq } = await connection.client.request('call.list', { agentId, limit: CALLS_A_PAGE })
        // What was loaded below the old first page does not follow the new one.
        if (current.value?.agentId === agentId) older.value = null
        return { seq, state: { calls, next } }
      },
      apply: (page, event) => applyCallEvent(page, event, agentId),
    })
    return { agentId, view, hasFailed: false }
  }

  async function load(): Promise<void> {
    const own = current.value
    if (!own) return
    own.hasFailed = false
    try {
      await own.view.load()
    } catch (problem) {
      own.hasFailed = true
      // Of an agent that nobody looks at any more there is nothing to say.
      if (own === current.value) throw problem
    }
  }

  function loadQuietly(): void {
    load().catch((problem: unknown) => {
      if (connection.state().kind === 'open') notices.fail(problem)
    })
  }

  function receive(events: readonly Event[]): void {
    const own = current.value
    if (!own) return
    if (own.hasFailed) loadQuietly()
    own.view.receive(events)
    if (calls.value.length > MOST_CALLS) loadQuietly()
  }

  async function loadOlder(): Promise<void> {
    const own = current.value
    const before = next.value
    if (!own || before === null || isLoadingOlder.value || isFull.value) return
    isLoadingOlder.value = true
    try {
      const page = await connection.client.request('call.list', { agentId: own.agentId, before, limit: CALLS_A_PAGE })
      // The list may have begun anew meanwhile.
      if (own !== current.value || next.value !== before) return
      older.value = { calls: [...(older.value?.calls ?? []), ...page.calls], next: page.next }
    } catch (problem) {
      notices.fail(problem)
    } finally {
      isLoadingOlder.value = false
    }
  }

  /** Every charge of the agent that is looked at, as a file. */
  async function exportCosts(): Promise<void> {
    const agentId = agents.selected?.id
    if (agentId === undefined || isExporting.value) return
    isExporting.value = true
    try {
      saveText(`costs-${agentId}.csv`, 'text/csv;charset=utf-8', await connection.client.request('cost.export', { agentId }))
    } catch (problem) {
      notices.fail(problem)
    } finally {
      isExporting.value = false
    }
  }

  /** One call with its receipt; says whether there is one. */
  async function look(callId: CallId): Promise<boolean> {
    try {
      looked.value = calls.value.find(({ id }) => id === callId) ?? (await connection.client.request('call.get', { callId }))
      return true
    } catch (problem) {
      notices.fail(problem)
      return false
    }
  }

  watch(
    () => agents.selected?.id ?? null,
    (agentId) => {
      looked.value = null
      older.value = null
      current.value = agentId === null ? null : callsOf(agentId)
      loadQuietly()
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(
    connection.onState((state) => {
      if (state.kind === 'open' && current.value?.hasFailed) loadQuietly()
    }),
  )

  // Before its first page is here it holds nobody up: that page will be younger than whatever the feed begins with.
  const seq = (): number => (current.value?.view.isLoaded.value ? current.value.view.seq() : Number.POSITIVE_INFINITY)

  return {
    view: markRaw<FeedView>({ seq, load, receive }),
    calls,
    next,
    isLoaded,
    isFull,
    isLoadingOlder,
    loadOlder,
    isExporting,
    exportCosts,
    looked,
    look,
    leave: () => {
      looked.value = null
    },
  }
})
