import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { isAlive } from '../../shared/domain/agentStatus.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Performance } from '../../shared/domain/report.ts'
import type { SafetyStatus } from '../../shared/contract/safety.ts'
import { formatPercent, formatSmallMoney, formatSpent } from '../../shared/format.ts'
import { formatWork } from '../../shared/formatPerformance.ts'
import type { Tone } from '@/lib/tones.ts'

export interface FleetFigure {
  readonly term: string
  readonly value: string
  readonly tone: Tone | null
}

const waitsForSomebody = ({ status }: Agent, budget: Budget | undefined): boolean =>
  status === 'crashed' || status === 'blocked' || status === 'over-budget' || (budget?.parked.length ?? 0) > 0

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** All agents together, as their sums; what nobody has told is left out. */
export function fleetOf(
  agents: readonly Agent[],
  budgets: ReadonlyMap<AgentId, Budget>,
  performances: ReadonlyMap<AgentId, Performance>,
  safety: ReadonlyMap<AgentId, SafetyStatus>,
): readonly FleetFigure[] {
  const running = agents.filter(({ status }) => isAlive(status)).length
  const waiting = agents.filter((agent) => waitsForSomebody(agent, budgets.get(agent.id))).length
  const spent = sum(agents.map(({ id }) => budgets.get(id)?.spent ?? 0))
  const limit = sum(agents.map(({ id, plan }) => budgets.get(id)?.limit ?? plan.budget))
  const counts = agents.flatMap(({ id }) => safety.get(id)?.counts ?? [])
  const kept = sum(counts.map(({ redacted, blocked }) => redacted + blocked))
  return [
    { term: 'Running', value: `${running} of ${agents.length}`, tone: null },
    ...(waiting > 0 ? [{ term: 'Need you', value: String(waiting), tone: 'bad' as const }] : []),
    { term: 'Spent', value: `${formatSpent(spent, limit)} / ${formatSmallMoney(limit)}`, tone: null },
    { term: 'Used', value: formatPercent(spent, limit), tone: null },
    ...workOf(agents.flatMap(({ id }) => performances.get(id) ?? [])),
    { term: 'PII blocked', value: String(kept), tone: null },
  ]
}

/** Leads and mails do not add up. */
function workOf(performances: readonly Performance[]): FleetFigure[] {
  const told = performances.filter(({ done, total }) => done > 0 || total !== null)
  const [first] = told
  if (!first || told.some(({ unit }) => unit !== first.unit)) return []
  const total = told.every((one) => one.total !== null) ? sum(told.map((one) => one.total ?? 0)) : null
  return [{ term: 'Done', value: formatWork(sum(told.map(({ done }) => done)), total, first.unit), tone: null }]
}
