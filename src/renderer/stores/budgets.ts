import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef, watch } from 'vue'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Event } from '../../shared/domain/event.ts'
import { recommendedIncrease } from '../../shared/domain/increase.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useAgentsStore } from './agents.ts'
import { useNoticesStore } from './notices.ts'
import { createProjection } from './projection.ts'

export type BudgetsById = ReadonlyMap<AgentId, Budget>
export type Decision = 'raise' | 'decline'

export function applyBudgetEvent(budgets: BudgetsById, event: Event): BudgetsById {
  if (event.agentId === null) return budgets
  switch (event.name) {
    case 'budget.changed':
    case 'budget.warned':
    case 'budget.exhausted':
      return new Map(budgets).set(event.agentId, event.payload.budget)
    case 'budget.raised':
      return changeOne(budgets, event.agentId, { limit: event.payload.to })
    case 'budget.callParked':
    case 'budget.callUnparked':
      return changeOne(budgets, event.agentId, { parked: parkedAfter(budgets.get(event.agentId)?.parked ?? [], event) })
    case 'agent.removed': {
      const rest = new Map(budgets)
      rest.delete(event.agentId)
      return rest
    }
    default:
      return budgets
  }
}

function parkedAfter(parked: Budget['parked'], event: Event): Budget['parked'] {
  if (event.name === 'budget.callUnparked') return parked.filter((call) => call.callId !== event.payload.callId)
  if (event.name !== 'budget.callParked') return parked
  return [...parked.filter((call) => call.callId !== event.payload.parked.callId), event.payload.parked]
}

/** What is not known yet stays so: the whole of it comes with `budget.changed`. */
function changeOne(budgets: BudgetsById, agentId: AgentId, changes: Partial<Budget>): BudgetsById {
  const budget = budgets.get(agentId)
  return budget ? new Map(budgets).set(agentId, { ...budget, ...changes }) : budgets
}

/** How it stands with an agent that has not called yet. */
function untouchedBudget(agentId: AgentId, limit: Nanodollars): Budget {
  return {
    agentId,
    limit,
    spent: 0,
    reserved: 0,
    running: 0,
    calls: 0,
    openCalls: 0,
    parked: [],
    isWarned: false,
    isExhausted: false,
    progress: null,
    unit: 'call',
    average: null,
    projection: null,
    recommendedIncrease: recommendedIncrease({ limit, projection: null, shortfall: 0 }),
    savedAgainstBaseline: null,
  }
}

/** What every agent has spent, and the decisions that it waits for. */
export const useBudgetsStore = defineStore('budgets', () => {
  const connection = useRoomConnection()
  const agents = useAgentsStore()
  const notices = useNoticesStore()

  const view = createProjection<BudgetsById>({
    empty: new Map(),
    fetch: async () => {
      const { budgets, seq } = await connection.client.request('budget.list', {})
      return { seq, state: new Map(budgets.map((budget) => [budget.agentId, budget])) }
    },
    apply: applyBudgetEvent,
  })

  /** What somebody is about to decide, in a dialog of its own. */
  const asked = shallowRef<{ readonly decision: Decision; readonly agentId: AgentId } | null>(null)
  const underWay = shallowRef<ReadonlyMap<AgentId, Decision>>(new Map())
  const selected = computed(() => {
    const agent = agents.selected
    if (!agent || !view.isLoaded.value) return null
    return view.state.value.get(agent.id) ?? untouchedBudget(agent.id, agent.plan.budget)
  })

  function ask(decision: Decision): void {
    if (agents.selected) asked.value = { decision, agentId: agents.selected.id }
  }

  /** The dialog stays until the room has taken it; why it has not stands among the notices. */
  async function decide(decision: Decision, agentId: AgentId, tell: () => Promise<unknown>): Promise<void> {
    if (underWay.value.has(agentId)) return
    underWay.value = new Map(underWay.value).set(agentId, decision)
    try {
      await tell()
      if (asked.value?.agentId === agentId) asked.value = null
    } catch (problem) {
      notices.fail(problem)
    } finally {
      const rest = new Map(underWay.value)
      rest.delete(agentId)
      underWay.value = rest
    }
  }

  function raise(agentId: AgentId, by: Nanodollars, reason: string): Promise<void> {
    return decide('raise', agentId, () => connection.client.request('budget.raise', { agentId, by, reason }))
  }

  /** One of the calls that wait, or all of them. */
  function decline(agentId: AgentId, callId: CallId | null, reason: string): Promise<void> {
    const one = callId === null ? {} : { callId }
    return decide('decline', agentId, () => connection.client.request('budget.decline', { agentId, reason, ...one }))
  }

  // Somebody who looks elsewhere must not decide about what is no longer in sight.
  watch(
    () => agents.selected?.id,
    () => (asked.value = null),
  )

  return {
    view: markRaw<FeedView>(view),
    budgets: view.state,
    selected,
    asked,
    underWay,
    ask,
    close: () => {
      asked.value = null
    },
    raise,
    decline,
  }
})
