import type { AgentId, LaunchPlan } from '../../shared/domain/agent.ts'
import type { Budget, ParkedCall, Progress } from '../../shared/domain/budget.ts'
import { recommendedIncrease } from '../../shared/domain/increase.ts'
import type { BudgetBook } from './budgetBook.ts'
import { averageCost, projectCost, savedAgainstBaseline } from './projection.ts'

export interface BudgetParts {
  readonly agentId: AgentId
  readonly book: BudgetBook<unknown>
  /** Settled calls that were answered or charged. */
  readonly calls: number
  readonly parked: readonly ParkedCall[]
  readonly progress: Progress | null
  readonly plan: Pick<LaunchPlan, 'baselinePerUnit'>
}

/** A budget as people see it. Averages are per unit of work; per call where the agent tells nothing of its work. */
export function budgetOf({ agentId, book, calls, parked, progress, plan }: BudgetParts): Budget {
  const { limit, spent } = book
  const projection = progress === null ? null : projectCost(spent, progress.done, progress.total)
  const shortfall = book.stuck.reduce((most, { amount }) => Math.max(most, spent + amount - limit), 0)
  const { baselinePerUnit } = plan
  let running = 0
  for (const claim of book.open) running += claim.running
  return {
    agentId,
    limit,
    spent,
    reserved: book.reserved,
    running,
    calls,
    openCalls: book.open.size,
    parked: [...parked],
    isWarned: book.isWarned,
    isExhausted: book.isExhausted,
    progress,
    unit: progress?.unit ?? 'call',
    average: averageCost(spent, progress?.done ?? calls),
    projection,
    recommendedIncrease: recommendedIncrease({ limit, projection, shortfall }),
    savedAgainstBaseline: baselinePerUnit === null || progress === null ? null : savedAgainstBaseline(spent, progress.done, baselinePerUnit),
  }
}
