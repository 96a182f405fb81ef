import type { AgentMetrics } from '../../shared/contract/agents.ts'
import type { CostRow } from '../../shared/contract/costs.ts'
import type { Agent } from '../../shared/domain/agent.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import type { Call, Refusal } from '../../shared/domain/llm.ts'
import { formatCount, formatExactDollars, formatSmallMoney, formatTokens } from '../../shared/format.ts'

/** Charges of which nobody said how much was used, or what it costs. */
export interface DoubtfulCharges {
  /** No price list has the model. */
  readonly estimated: number
  /** Counted here, since the provider said nothing. */
  readonly counted: number
  /** The worst case, since the room died during the call. */
  readonly assumed: number
}

export function doubtfulCharges(calls: readonly Call[]): DoubtfulCharges {
  const sums = { estimated: 0, counted: 0, assumed: 0 }
  for (const { receipt } of calls.flatMap(({ attempts }) => attempts)) {
    if (receipt === null) continue
    if (receipt.isPriceEstimated) sums.estimated += receipt.total
    if (receipt.basis !== 'reported') sums[receipt.basis] += receipt.total
  }
  return sums
}

export function hasCalls({ budget, models, refusals }: AgentMetrics): boolean {
  return budget.calls > 0 || models.length > 0 || Object.keys(refusals).length > 0
}

/** What a run has cost: a line for each thing that there is to say. */
export function describeCosts({ budget, formatted, models, refusals }: AgentMetrics, doubtful: DoubtfulCharges): string[] {
  const average = formatted.average === null ? '' : `, ${formatted.average}`
  return [
    `${formatted.spent} of ${formatted.limit} spent (${formatted.used}) in ${formatCount(budget.calls, 'call')}${average}`,
    ...(formatted.projection !== null && isUnfinished(budget) ? [formatted.projection] : []),
    ...(formatted.baseline === null ? [] : [formatted.baseline]),
    ...modelLines(models),
    ...refusalLines(refusals),
    ...doubtfulLines(doubtful),
  ]
}

function isUnfinished({ progress }: Budget): boolean {
  return progress !== null && progress.total !== null && progress.done < progress.total
}

function modelLines(rows: readonly CostRow[]): string[] {
  // Of calls that cost nothing those stand here that came to nothing; a list of models is not worth a line.
  const told = rows.filter(({ calls, cost, inputTokens, outputTokens }) => calls === 0 || cost > 0 || inputTokens > 0 || outputTokens > 0)
  const width = Math.max(0, ...told.map(({ key }) => key.length))
  return told.map(({ key, calls, inputTokens, outputTokens, cost }) => {
    if (calls === 0) return `  ${key.padEnd(width)}  no call was answered`
    const tokens = `${formatTokens(inputTokens)} ${inputTokens === 1 ? 'token' : 'tokens'} in, ${formatTokens(outputTokens)} out`
    return `  ${key.padEnd(width)}  ${formatSmallMoney(cost)}  ${formatCount(calls, 'call')}, ${tokens}`
  })
}

const REFUSALS: Record<Refusal, string> = {
  budget: 'over the budget',
  declined: 'declined',
  unanswered: 'not decided in time',
  unauthorised: 'not allowed',
  'private-data': 'with private data',
  injection: 'with orders in what came in',
  'unknown-model': 'a model without a price',
  'no-key': 'no API key',
  unavailable: 'kept away from a provider that fails',
  invalid: 'not understood',
}

function refusalLines(refusals: AgentMetrics['refusals']): string[] {
  const kinds = (Object.keys(REFUSALS) as Refusal[]).filter((kind) => (refusals[kind] ?? 0) > 0)
  if (kinds.length === 0) return []
  const sum = kinds.reduce((total, kind) => total + (refusals[kind] ?? 0), 0)
  return [`${formatCount(sum, 'call')} refused: ${kinds.map((kind) => `${refusals[kind] ?? 0} ${REFUSALS[kind]}`).join(', ')}`]
}

function doubtfulLines({ estimated, counted, assumed }: DoubtfulCharges): string[] {
  const lines: [number, string][] = [
    [estimated, 'is priced at the dearest there is: the model stands in no price list'],
    [counted, 'is counted here: the provider did not say what was used'],
    [assumed, 'is the worst case: the control room ended during those calls'],
  ]
  return lines.filter(([amount]) => amount > 0).map(([amount, why]) => `of this, ${formatSmallMoney(amount)} ${why}`)
}

/** What to do when the budget has ended an agent. */
export function adviseAtLimit({ plan }: Agent, { limit, recommendedIncrease }: Budget): string {
  const more = formatExactDollars(limit + recommendedIncrease).replace(/\.00$/, '')
  return `${plan.name} was ended because its budget of ${formatSmallMoney(limit)} is used up: start it again with a larger one, such as --budget ${more}.`
}

/** How somebody at another terminal decides about a call that waits. */
export function adviseAboutParked({ agentId, recommendedIncrease }: Budget): string {
  const by = formatExactDollars(recommendedIncrease).replace(/\.00$/, '')
  return `Decide with: iron_cage raise ${agentId} --by ${by} --reason TEXT, or: iron_cage decline ${agentId} --reason TEXT`
}
