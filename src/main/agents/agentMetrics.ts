import type { AgentMetrics } from '../../shared/contract/agents.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Performance } from '../../shared/domain/report.ts'
import { formatAverage, formatBaseline, formatPercent, formatProjection, formatSmallMoney, formatSpent, tenthsOfPercent } from '../../shared/format.ts'
import type { CallRepository } from '../state/repositories.ts'
import type { Supervisor } from './supervisor.ts'

export interface AgentMetricsOptions {
  readonly supervisor: Pick<Supervisor, 'processMetrics'>
  readonly budgets: { status(agentId: AgentId): Budget }
  readonly performance: { of(agentId: AgentId): Pick<Performance, 'formatted'> }
  readonly calls: Pick<CallRepository, 'breakdown' | 'refusals'>
}

/** What an agent uses: processes, money, models. */
export async function readAgentMetrics(agentId: AgentId, { supervisor, budgets, performance, calls }: AgentMetricsOptions): Promise<AgentMetrics> {
  const processes = await supervisor.processMetrics(agentId)
  const [{ rows }, refusals] = await Promise.all([calls.breakdown('model', { agentId }), calls.refusals(agentId)])
  const budget = budgets.status(agentId)
  return { ...processes, budget, usedPercent: tenthsOfPercent(budget.spent, budget.limit) / 10, formatted: { ...formatBudget(budget), ...performance.of(agentId).formatted }, models: rows, refusals }
}

function formatBudget({ spent, limit, average, unit, projection, savedAgainstBaseline }: Budget): Omit<AgentMetrics['formatted'], keyof Performance['formatted']> {
  return {
    spent: formatSpent(spent, limit),
    limit: formatSmallMoney(limit),
    used: formatPercent(spent, limit),
    average: average === null ? null : formatAverage(average, unit),
    projection: projection === null ? null : formatProjection(projection),
    baseline: savedAgainstBaseline === null ? null : formatBaseline(savedAgainstBaseline),
  }
}
