import type { AgentId } from '../../shared/domain/agent.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import { AppError } from '../../shared/errors.ts'
import type { RunningBudgetDesk } from './budgetDesk.ts'

/** One agent's budget, without a look at everybody's; null where there is no such agent. */
export function findBudget(budgets: Pick<RunningBudgetDesk, 'status'>, agentId: AgentId): Budget | null {
  try {
    return budgets.status(agentId)
  } catch (problem) {
    if (problem instanceof AppError && problem.code === 'AGENT_NOT_FOUND') return null
    throw problem
  }
}
