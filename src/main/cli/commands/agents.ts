import type { Agent, AgentId } from '../../../shared/domain/agent.ts'
import type { Budget } from '../../../shared/domain/budget.ts'
import { isAlive } from '../../../shared/domain/agentStatus.ts'
import type { EffectiveRules } from '../../../shared/domain/safety.ts'
import { isAttached } from '../../../shared/domain/attached.ts'
import type { Nanodollars } from '../../../shared/domain/units.ts'
import { printable } from '../../../shared/printable.ts'
import { formatCount, formatDuration, formatMoment, formatPercent, formatSmallMoney, formatSpent } from '../../../shared/format.ts'
import { connect } from '../connection.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { describeAnswers, describeEnd } from '../agentSentences.ts'
import { table } from '../table.ts'

export const list: Command = (context) =>
  withClient(context, async (client) => {
    const [{ agents }, { budgets }] = await Promise.all([client.request('agent.list', {}), client.request('budget.list', {})])
    const limits = new Map(budgets.map(({ agentId, limit }) => [agentId, limit]))
    if (context.line.options.json) await context.screen.out(`${JSON.stringify(agents, null, 2)}\n`)
    else if (agents.length === 0) await context.screen.out('No agents yet; start one with: iron_cage start agent.py\n')
    else await context.screen.out(table(['ID', 'STATUS', 'NAME', 'PID', 'UPTIME', 'RESTARTS', 'BUDGET'], agents.map((agent) => rowOf(agent, limits.get(agent.id) ?? agent.plan.budget))))
    return exitCode('done')
  })

/** The limit may have been raised since the agent was planned. */
function rowOf(agent: Agent, limit: Nanodollars): string[] {
  const { id, status, plan, pid, restarts } = agent
  const again = isAttached(plan) ? 'attached' : String(restarts)
  return [id, status, plan.name, pid === null ? '-' : String(pid), uptimeOf(agent), again, formatSmallMoney(limit)]
}

function uptimeOf({ status, startedAt }: Agent): string {
  return isAlive(status) && startedAt !== null ? formatDuration(Date.now() - startedAt) : '-'
}

export const status: Command = (context) =>
  withClient(context, async (client) => {
    const agentId = agentIdIn(context)
    const [agent, budget, safety] = await Promise.all([
      client.request('agent.status', { agentId }),
      client.request('budget.status', { agentId }),
      client.request('safety.status', { agentId }),
    ])
    const text = context.line.options.json ? `${JSON.stringify(agent, null, 2)}\n` : describe(agent, budget, safety.rules)
    await context.screen.out(text)
    return exitCode('done')
  })

function describe(agent: Agent, { spent, limit }: Budget, rules: EffectiveRules): string {
  const { plan } = agent
  const rows: [string, string | null][] = [
    ['id', agent.id],
    ['status', agent.status],
    ['reason', agent.reason],
    ['script', plan.script],
    ['command', isAttached(plan) ? null : [...plan.command, ...plan.args].join(' ')],
    ['process', isAttached(plan) ? 'attached: the room did not start it, and shows nothing of what it prints' : null],
    ['folder', plan.workingDirectory],
    ['pid', agent.pid === null ? null : String(agent.pid)],
    ['uptime', isAlive(agent.status) ? uptimeOf(agent) : null],
    ['started', agent.startedAt === null ? null : formatMoment(agent.startedAt)],
    ['ended', agent.endedAt === null ? null : `${formatMoment(agent.endedAt)}, ${describeEnd(agent)}`],
    ['restarts', isAttached(plan) ? null : String(agent.restarts)],
    ['budget', `${formatSpent(spent, limit)} of ${formatSmallMoney(limit)} spent (${formatPercent(spent, limit)})`],
    ['LLM answers', describeAnswers(plan)],
    ['safety mode', describeMode(rules, agent.id)],
    ['environment', plan.environment],
  ]
  const facts = rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(12)} ${printable(value)}\n`])).join('')
  if (agent.lastOutput.length === 0) return facts
  return `${facts}last output\n${agent.lastOutput.map((line) => `  ${printable(line)}\n`).join('')}`
}

/** What holds now, which may have been said after it was started. */
function describeMode({ mode, cells }: EffectiveRules, agentId: AgentId): string {
  const isPlain = Object.values(cells).every((directions) => Object.values(directions).every((cell) => cell === mode))
  return isPlain ? mode : `${mode}, not for all: iron_cage rules ${agentId}`
}

export const stop: Command = (context) =>
  withClient(context, async (client) => {
    const agent = await client.request('agent.stop', { agentId: agentIdIn(context) })
    await context.screen.out(`${agent.id} is ${agent.status}, ${describeEnd(agent)}\n`)
    return exitCode('done')
  })

/** Only a room that goes on can keep an agent running. */
export const restart: Command = async (context) => {
  const connection = await connect({ dataFolder: context.dataFolder })
  try {
    const agent = await connection.client.request('agent.restart', { agentId: agentIdIn(context) })
    await context.screen.out(`${agent.id} is ${agent.status}${agent.pid === null ? '' : ` with pid ${agent.pid}`}, ${formatCount(agent.restarts, 'restart')}\n`)
    return exitCode('done')
  } finally {
    await connection.close()
  }
}

export const link: Command = async (context) => {
  const connection = await connect({ dataFolder: context.dataFolder })
  try {
    const { url } = await connection.client.request('room.link', {})
    await context.screen.out(`${url}\n`)
    return exitCode('done')
  } finally {
    await connection.close()
  }
}

export function agentIdIn({ line }: CommandContext): string {
  return line.operands[0] ?? ''
}
