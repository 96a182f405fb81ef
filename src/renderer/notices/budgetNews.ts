import type { Agent } from '../../shared/domain/agent.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import { formatAverage, formatClock, formatPercent, formatProjection, formatSmallMoney, formatSpent } from '../../shared/format.ts'
import { budgetNotice, type BudgetNotice } from '@/cost/budgetNotice.ts'
import type { Fact, News } from './notice.ts'

export const aboutBudget = (agentId: string): string => `budget ${agentId}`

/** What makes it news again: another step, another limit, another call that waits. */
export function budgetStep({ limit, parked }: Budget, { kind }: BudgetNotice): string {
  return [kind, limit, ...parked.map(({ callId }) => callId)].join(' ')
}

function budgetFacts({ spent, limit, average, unit, projection }: Budget): Fact[] {
  return [
    { word: 'Spent', value: `${formatSpent(spent, limit)} of ${formatSmallMoney(limit)}` },
    { word: 'Used', value: formatPercent(spent, limit) },
    ...(average === null ? [] : [{ word: 'Each', value: formatAverage(average, unit) }]),
    ...(projection === null ? [] : [{ word: 'All of it', value: formatProjection(projection) }]),
  ]
}

/** Null where there is nothing to decide. */
export function budgetNews(budget: Budget, { plan, status }: Agent, at: number): News | null {
  const notice = budgetNotice(budget, status)
  if (notice === null) return null
  return {
    about: aboutBudget(budget.agentId),
    kind: 'budget',
    // Somebody has to decide: none of them goes by itself.
    weight: 'urgent',
    tone: notice.kind === 'warned' ? 'caution' : 'bad',
    agentId: budget.agentId,
    title: `${plan.name}: ${notice.title}`,
    sentence: notice.kind === 'parked' ? `${notice.detail} Refused at ${formatClock(notice.until)} unless somebody approves.` : notice.detail,
    facts: budgetFacts(budget),
    lead: { word: 'Show the cost', panel: 'cost', record: null },
    at,
  }
}
