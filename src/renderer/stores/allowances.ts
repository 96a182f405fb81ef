import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { CommandInput, CommandOutput } from '../../shared/contract/contract.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { Allowance } from '../../shared/domain/safety.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { browserTiming } from '@/room/timing.ts'
import { useAgentsStore } from './agents.ts'
import { createAtMostEvery } from './atMostEvery.ts'
import { useNoticesStore } from './notices.ts'

export type NewAllowance = CommandInput<'allowance.add'>
export type AllowancePreview = CommandOutput<'allowance.preview'>

const ASK_EVERY_MS = 1_000

/** What was named as not private; asked for only while somebody looks. */
export const useAllowancesStore = defineStore('allowances', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  const isWatched = shallowRef(false)
  const allowances = shallowRef<readonly Allowance[] | null>(null)
  const isAdding = shallowRef(false)
  const removing = shallowRef<ReadonlySet<string>>(new Set())
  /** Those that matter to the agent that is looked at: its own, then everybody's. */
  const relevant = computed(() => {
    const agentId = agents.selected?.id
    const rows = (allowances.value ?? []).filter((one) => one.agentId === null || one.agentId === agentId)
    return allowances.value && rows.sort((a, b) => Number(a.agentId === null) - Number(b.agentId === null) || b.at - a.at)
  })

  async function ask(): Promise<void> {
    try {
      allowances.value = (await connection.client.request('allowance.list', {})).allowances
    } catch (problem) {
      if (connection.state().kind === 'open') notices.fail(problem)
    }
  }
  const refreshing = createAtMostEvery(ASK_EVERY_MS, browserTiming, () => void ask())
  onScopeDispose(refreshing.stop)
  watch(isWatched, (isIt) => {
    if (isIt) refreshing.ask()
  })

  function receive(events: readonly Event[]): void {
    const isChanged = events.some((event) => event.name === 'safety.recorded' && event.payload.records.some(({ kind }) => kind === 'policy'))
    if (isChanged && isWatched.value) refreshing.ask()
  }

  /** What it would have let through; whoever asks says what went wrong. */
  function preview(allowance: NewAllowance): Promise<AllowancePreview> {
    return connection.client.request('allowance.preview', allowance)
  }

  /** Says whether the room has taken it. */
  async function add(allowance: NewAllowance): Promise<boolean> {
    if (isAdding.value) return false
    isAdding.value = true
    try {
      await connection.client.request('allowance.add', allowance)
      refreshing.ask()
      return true
    } catch (problem) {
      notices.fail(problem)
      return false
    } finally {
      isAdding.value = false
    }
  }

  async function remove(allowanceId: string): Promise<void> {
    if (removing.value.has(allowanceId)) return
    removing.value = new Set(removing.value).add(allowanceId)
    try {
      await connection.client.request('allowance.remove', { allowanceId })
      allowances.value = allowances.value?.filter(({ id }) => id !== allowanceId) ?? null
    } catch (problem) {
      notices.fail(problem)
    } finally {
      removing.value = new Set([...removing.value].filter((id) => id !== allowanceId))
    }
  }

  const load = async (): Promise<void> => {
    if (isWatched.value) refreshing.ask()
  }

  return {
    view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load, receive }),
    relevant,
    isWatched,
    isAdding,
    removing,
    preview,
    add,
    remove,
  }
})
