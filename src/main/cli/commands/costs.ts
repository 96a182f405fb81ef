import type { CommandOutput } from '../../../shared/contract/contract.ts'
import type { CostRow } from '../../../shared/contract/costs.ts'
import { inputTokens, outputTokens } from '../../../shared/domain/tokenSums.ts'
import type { Call } from '../../../shared/domain/llm.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatLatency, formatMoment, formatSmallMoney, formatTokens } from '../../../shared/format.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { table } from '../table.ts'

const GROUPS = ['agent', 'model', 'hour'] as const
type Group = (typeof GROUPS)[number]

/** What was spent, summed or as one row for each charge. */
export const costs: Command = (context) => {
  const { line, screen } = context
  const [agentId] = line.operands
  const by = groupIn(context, agentId === undefined ? 'agent' : 'model')
  if (line.options.csv && line.options.group) throw new AppError('INVALID_INPUT', '--csv gives every charge, and --by sums them; say one of the two.')
  return withClient(context, async (client) => {
    if (line.options.csv) await screen.out(await client.request('cost.export', { agentId }))
    else {
      const answer = await client.request('cost.breakdown', { by, agentId })
      await screen.out(line.options.json ? `${JSON.stringify(answer, null, 2)}\n` : costTable(by, answer))
    }
    return exitCode('done')
  })
}

function groupIn({ line }: CommandContext, usual: Group): Group {
  const given = line.options.group
  if (given === undefined) return usual
  const group = GROUPS.find((one) => one === given)
  if (group) return group
  throw new AppError('INVALID_INPUT', `--by is ${JSON.stringify(given)}, but must be one of agent, model or hour.`)
}

function costTable(by: Group, { rows, total }: CommandOutput<'cost.breakdown'>): string {
  if (rows.length === 0) return 'No LLM calls yet.\n'
  const cells = rows.map((row) => [by === 'hour' ? formatMoment(Date.parse(row.key)).slice(0, -':00'.length) : row.key || '-', ...figures(row)])
  const sum = (part: 'calls' | 'inputTokens' | 'cachedTokens' | 'outputTokens'): number => rows.reduce((all, row) => all + row[part], 0)
  const last = figures({ calls: sum('calls'), inputTokens: sum('inputTokens'), cachedTokens: sum('cachedTokens'), outputTokens: sum('outputTokens'), cost: total })
  return table([by.toUpperCase(), 'CALLS', 'TOKENS IN', 'CACHED', 'TOKENS OUT', 'COST'], [...cells, ['total', ...last]])
}

function figures({ calls, inputTokens: read, cachedTokens, outputTokens: written, cost }: Omit<CostRow, 'key' | 'reasoningTokens'>): string[] {
  return [formatTokens(calls), formatTokens(read), formatTokens(cachedTokens), formatTokens(written), formatSmallMoney(cost)]
}

const USUAL_CALLS = 20
const MOST_CALLS = 1000

/** The last calls, newest first. */
export const calls: Command = (context) => {
  const { line, screen } = context
  const [agentId] = line.operands
  const limit = limitIn(context)
  return withClient(context, async (client) => {
    const answer = await client.request('call.list', { agentId, limit })
    if (line.options.json) await screen.out(`${JSON.stringify(answer.calls, null, 2)}\n`)
    else if (answer.calls.length === 0) await screen.out('No LLM calls yet.\n')
    else await screen.out(table(['TIME', 'AGENT', 'MODEL', 'TOKENS IN', 'TOKENS OUT', 'COST', 'TOOK', 'OUTCOME'], answer.calls.map(callRow)))
    return exitCode('done')
  })
}

export function limitIn({ line }: CommandContext): number {
  const given = line.options.limit
  if (given === undefined) return USUAL_CALLS
  const limit = /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (limit >= 1 && limit <= MOST_CALLS) return limit
  throw new AppError('INVALID_INPUT', `--limit is ${JSON.stringify(given)}, but must be a whole number from 1 to ${MOST_CALLS}.`)
}

function callRow(call: Call): string[] {
  const { agentId, endpoint, model, usage, startedAt, durationMs, cost, outcome, refusal, problem } = call
  const how = refusal === null ? outcome : `${outcome} (${refusal})`
  const why = problem === null ? how : `${how}: ${problem}`
  const tokens = [formatTokens(inputTokens(usage)), formatTokens(outputTokens(usage))]
  return [formatMoment(startedAt), agentId, model || endpoint, ...tokens, formatSmallMoney(cost), formatLatency(durationMs), why]
}
