import { LARGEST_BUDGET, parseDollars } from '../../../shared/domain/money.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatCount, formatSmallMoney, formatSpent } from '../../../shared/format.ts'
import { dollars } from '../../configuration/kinds.ts'
import { refusal } from '../../configuration/refusal.ts'
import { connect, type Connection } from '../connection.ts'
import type { Command, CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { agentIdIn } from './agents.ts'

/** A budget is decided about where its agent runs: only a room that is open has calls that wait. */
async function inOpenRoom(context: CommandContext, decide: (client: Connection['client']) => Promise<string>): Promise<number> {
  const connection = await connect({ dataFolder: context.dataFolder })
  try {
    await context.screen.out(`${await decide(connection.client)}\n`)
    return exitCode('done')
  } finally {
    await connection.close()
  }
}

export const raise: Command = (context) => {
  const agentId = agentIdIn(context)
  const by = amountIn(context)
  const reason = reasonIn(context)
  return inOpenRoom(context, async (client) => {
    const { limit, spent, parked } = await client.request('budget.raise', { agentId, by, reason })
    const waiting = parked.length === 0 ? '' : `; ${formatCount(parked.length, 'call')} still ${parked.length === 1 ? 'waits' : 'wait'} for more`
    return `${agentId} may spend ${formatSmallMoney(limit)} now, of which ${formatSpent(spent, limit)} is spent${waiting}`
  })
}

export const decline: Command = (context) => {
  const agentId = agentIdIn(context)
  const reason = reasonIn(context)
  return inOpenRoom(context, async (client) => {
    const { parked } = await client.request('budget.status', { agentId })
    if (parked.length === 0) return `${agentId} has no call that waits for a decision`
    await client.request('budget.decline', { agentId, reason })
    return `${formatCount(parked.length, 'call')} of ${agentId} declined`
  })
}

function amountIn({ line }: CommandContext): number {
  const given = line.options.by
  if (given === undefined) throw new AppError('INVALID_INPUT', 'iron_cage raise needs --by DOLLARS, such as --by 25.')
  const amount = parseDollars(given)
  if (amount !== null && amount > 0 && amount <= LARGEST_BUDGET) return amount
  const hint = dollars.shellHint?.(given) ? "a shell turns an unquoted $25 into 5: write --by 25, or quote it: '$25'" : null
  throw refusal({ subject: '--by', given, allowed: dollars.allowed, hint, code: 'INVALID_INPUT' })
}

const LEAST_REASON = 3
const MOST_REASON = 500

export function reasonIn({ line }: CommandContext): string {
  const reason = line.options.reason?.trim()
  if (reason === undefined) throw new AppError('INVALID_INPUT', `iron_cage ${line.command} needs --reason TEXT: why stays in the books for good.`)
  if (reason.length >= LEAST_REASON && reason.length <= MOST_REASON) return reason
  throw refusal({ subject: '--reason', given: reason, allowed: `a text of ${LEAST_REASON} to ${MOST_REASON} characters`, code: 'INVALID_INPUT' })
}
