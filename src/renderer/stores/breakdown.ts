import { defineStore } from 'pinia'
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { CostRow } from '../../shared/contract/costs.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import { useRoomConnection } from '@/room/connection.ts'
import { browserTiming } from '@/room/timing.ts'
import { useNoticesStore } from './notices.ts'
import { useAgentsStore } from './agents.ts'
import { useBudgetsStore } from './budgets.ts'

/** A sum over the whole ledger is not asked for at every call. */
const ASK_EVERY_MS = 1_000

/** What each model cost the agent that is looked at; asked for only while somebody looks. */
export const useBreakdownStore = defineStore('breakdown', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const budgets = useBudgetsStore()
  const notices = useNoticesStore()

  const rows = shallowRef<readonly CostRow[] | null>(null)
  const isWatched = shallowRef(false)
  let isWaiting = false
  let isStale = false
  let callOff: () => void = () => {}

  async function ask(agentId: AgentId): Promise<void> {
    try {
      const answer = await connection.client.request('cost.breakdown', { by: 'model', agentId })
      if (agents.selected?.id === agentId) rows.value = answer.rows
    } catch (problem) {
      if (connection.state().kind === 'open') notices.fail(problem)
    }
  }

  /** At once, and what changes within the next second at the end of it. */
  function refresh(): void {
    const agentId = agents.selected?.id
    if (!isWatched.value || agentId === undefined) return
    if (isWaiting) {
      isStale = true
      return
    }
    isWaiting = true
    isStale = false
    void ask(agentId)
    callOff = browserTiming.after(ASK_EVERY_MS, () => {
      isWaiting = false
      if (isStale) refresh()
    })
  }

  function startAnew(): void {
    callOff()
    isWaiting = false
    rows.value = null
    refresh()
  }

  watch([() => agents.selected?.id, isWatched], startAnew)
  watch(() => [budgets.selected?.spent, budgets.selected?.calls], refresh)
  onScopeDispose(() => callOff())

  return { rows, isWatched }
})
