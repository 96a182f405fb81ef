import { AgentId } from '../../../shared/domain/agent.ts'
import type { ServiceView } from '../../../shared/domain/service.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatBreaker, formatService } from '../../../shared/formatService.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { table } from '../table.ts'

/** Lists services with their breakers, or closes a breaker by hand. */
export const services: Command = (context) => {
  const [first, ...rest] = context.line.operands
  if (first === 'reset') return reset(context, rest)
  if (rest.length > 0) {
    throw new AppError('INVALID_INPUT', `iron_cage services takes the id of one agent, or reset with a service; ${JSON.stringify(rest[0])} is too much.`)
  }
  return list(context, first)
}

function list(context: CommandContext, given: string | undefined): Promise<number> {
  const { agent } = context.line.options
  if (given !== undefined && agent !== undefined) throw new AppError('INVALID_INPUT', 'The agent is given twice; give it once.')
  const agentId = given !== undefined ? readAgentId(given, 'The agent') : agent !== undefined ? readAgentId(agent, '--agent') : undefined
  return withClient(context, async (client) => {
    const { services: views } = await client.request('service.list', agentId === undefined ? {} : { agentId })
    if (context.line.options.json) await context.screen.out(`${JSON.stringify(views, null, 2)}\n`)
    else if (views.length === 0) await context.screen.out('No service was called or named yet.\n')
    else await context.screen.out(table(HEAD, views.map((view) => row(view, Date.now()))))
    return exitCode('done')
  })
}

const HEAD = ['AGENT', 'SERVICE', 'BREAKER', 'CALLS', 'FAILED', 'BLOCKED', 'SAVED', 'FALLBACK', 'WHY']

function row({ agentId, service, endpoint, state, retryAt, calls, failures, formatted, reason }: ServiceView, now: number): string[] {
  return [
    agentId ?? 'room',
    formatService(service, endpoint),
    formatBreaker(state, retryAt, now),
    String(calls),
    String(failures),
    formatted.blocked,
    formatted.saved ?? '–',
    formatted.viaFallback ?? '–',
    state === 'closed' ? '–' : (reason ?? '–'),
  ]
}

/** Breakers live where their agents run, and a breaker of a room that is not open is closed for its next start. */
function reset(context: CommandContext, [service, endpoint = '', ...rest]: readonly string[]): Promise<number> {
  if (service === undefined || rest.length > 0) {
    throw new AppError('INVALID_INPUT', 'iron_cage services reset needs the name of a service, and its endpoint where it has one; an agent’s own also needs --agent ID.')
  }
  const given = context.line.options.agent
  const agentId = given === undefined ? null : readAgentId(given, '--agent')
  return withClient(context, async (client) => {
    await client.request('service.reset', { agentId, service, endpoint })
    await context.screen.out(`The breaker of ${formatService(service, endpoint)} is closed\n`)
    return exitCode('done')
  })
}

function readAgentId(text: string, subject: string): AgentId {
  const id = AgentId.safeParse(text)
  if (id.success) return id.data
  throw new AppError('INVALID_INPUT', `${subject} is ${JSON.stringify(text)}, but must be an agent id such as lg-7a3f9c2d; iron_cage list shows them.`)
}
