import type { AgentStatus } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import type { Budget, ParkedCall } from '../../shared/domain/budget.ts'
import { formatCount, formatDuration, formatPercent, formatSmallMoney, formatSpent } from '../../shared/format.ts'

export type BudgetNotice =
  | { readonly kind: 'parked'; readonly title: string; readonly detail: string; readonly until: number }
  | { readonly kind: 'exhausted' | 'warned'; readonly title: string; readonly detail: string }

/** What has to be said about a budget; nothing where no more money would be spent anyway. */
export function budgetNotice(budget: Budget, status: AgentStatus): BudgetNotice | null {
  if (budget.parked.length > 0) {
    return { kind: 'parked', title: parkedTitle(budget.parked), detail: parkedDetail(budget.parked), until: Math.min(...budget.parked.map((call) => call.until)) }
  }
  if (isSettled(status) && status !== 'over-budget') return null
  const spent = `${formatSpent(budget.spent, budget.limit)} of ${formatSmallMoney(budget.limit)} is spent`
  if (budget.isExhausted) return { kind: 'exhausted', title: 'A call did not fit into the budget', detail: `${spent}.` }
  if (budget.isWarned) return { kind: 'warned', title: `${formatPercent(budget.spent, budget.limit)} of the budget is used`, detail: `${spent}.` }
  return null
}

function parkedTitle(parked: readonly ParkedCall[]): string {
  return `${formatCount(parked.length, 'call does', 'calls do')} not fit into the budget and ${parked.length === 1 ? 'waits' : 'wait'} for a decision`
}

/** By model, the dearest first. */
function parkedDetail(parked: readonly ParkedCall[]): string {
  const models = new Map<string, { calls: number; worstCase: number }>()
  for (const { model, worstCase } of parked) {
    const before = models.get(model) ?? { calls: 0, worstCase: 0 }
    models.set(model, { calls: before.calls + 1, worstCase: before.worstCase + worstCase })
  }
  const sorted = [...models].sort(([, a], [, b]) => b.worstCase - a.worstCase)
  const words = sorted.slice(0, 2).map(([model, { calls, worstCase }]) => `${calls > 1 ? `${calls} × ` : ''}${model}, at most ${formatSmallMoney(worstCase)}`)
  const others = sorted.length - words.length
  return `${words.join('; ')}${others > 0 ? `; and ${formatCount(others, 'other model')}` : ''}.`
}

/** `9 min 58 s`, and never less than nothing. */
export function timeLeft(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000))
  return seconds === 0 ? '0 s' : formatDuration(seconds * 1_000)
}
