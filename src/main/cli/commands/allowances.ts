import { AgentId } from '../../../shared/domain/agent.ts'
import { AppError } from '../../../shared/errors.ts'
import { parseNotPrivate } from '../../safety/allowances/allowances.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { table } from '../table.ts'

/** Adds an allowance, or lists them. */
export const allow: Command = (context) => {
  const { line, screen } = context
  const [given] = line.operands
  const agentId = agentIn(context)
  const wanted = given === undefined ? null : parseNotPrivate(given)
  return withClient(context, async (client) => {
    if (wanted) {
      const preview = await client.request('allowance.preview', { ...wanted, agentId })
      const { id } = await client.request('allowance.add', { ...wanted, agentId })
      const past = preview.matching === 0 ? 'no finding so far is one of them' : `${preview.matching} of ${preview.compared} findings so far would not have been any`
      await screen.out(`${id}: no longer private for ${agentId ?? 'any agent'}; ${past}\n`)
      return exitCode('done')
    }
    const { allowances } = await client.request('allowance.list', {})
    const shown = allowances.filter((one) => agentId === null || one.agentId === null || one.agentId === agentId)
    if (line.options.json) await screen.out(`${JSON.stringify(shown, null, 2)}\n`)
    else if (shown.length === 0) await screen.out('Nothing was named as not private.\n')
    else await screen.out(table(['ID', 'AGENT', 'KIND', 'VALUE'], shown.map(({ id, agentId: whose, kind, value }) => [id, whose ?? 'all', kind, value])))
    return exitCode('done')
  })
}

function agentIn({ line }: CommandContext): AgentId | null {
  const given = line.options.agent
  if (given === undefined) return null
  const id = AgentId.safeParse(given)
  if (id.success) return id.data
  throw new AppError('INVALID_INPUT', `--agent is ${JSON.stringify(given)}, but must be an agent id such as lg-7a3f9c2d; iron_cage list shows them.`)
}

export const disallow: Command = (context) =>
  withClient(context, async (client) => {
    const [allowanceId = ''] = context.line.operands
    await client.request('allowance.remove', { allowanceId })
    await context.screen.out(`${allowanceId} no longer holds\n`)
    return exitCode('done')
  })
