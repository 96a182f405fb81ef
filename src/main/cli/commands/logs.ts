import type { ControlRoomClient } from '../../../shared/client.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import { AppError } from '../../../shared/errors.ts'
import { followChanges } from '../agentChanges.ts'
import { drain, showAgentOutput, toScreen, type WritePiece } from '../agentOutput.ts'
import { connectOrCompose, type Command, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { agentIdIn } from './agents.ts'

const USUAL_LINES = 200
const MOST_LINES = 10_000

/** What an agent wrote: its last lines, and with --follow everything from there on. */
export const logs: Command = async (context) => {
  const lines = linesIn(context)
  const connection = await connectOrCompose(context)
  try {
    const { client } = connection
    if (context.line.options.follow) await follow(context, client, lines)
    else await printLast(context, client, lines)
    return exitCode('done')
  } finally {
    await connection.close()
  }
}

function linesIn({ line }: CommandContext): number {
  const given = line.options.lines
  if (given === undefined) return USUAL_LINES
  const lines = /^\d{1,6}$/.test(given) ? Number(given) : 0
  if (lines >= 1 && lines <= MOST_LINES) return lines
  throw new AppError('INVALID_INPUT', `--lines is ${JSON.stringify(given)}, but must be a whole number from 1 to ${MOST_LINES}.`)
}

async function printLast(context: CommandContext, client: ControlRoomClient, lines: number): Promise<void> {
  const answer = await client.request('terminal.tail', { agentId: agentIdIn(context), lines })
  await context.screen.out(answer.lines.map(({ text }) => `${text}\n`).join(''))
}

/** Until the agent has settled, or the reader has gone. */
async function follow(context: CommandContext, client: ControlRoomClient, lines: number): Promise<void> {
  const agentId = agentIdIn(context)
  const changes = followChanges(client)
  const done = Promise.withResolvers<void>()
  const { outputBytes } = await client.request('agent.metrics', { agentId })
  changes.watch(agentId, {
    onEvent: () => undefined,
    onChange: ({ status }) => {
      if (isSettled(status)) done.resolve()
    },
    onLost: (error) => done.reject(error),
  })
  context.screen.onBroken(() => done.resolve())
  // What was shown before this room opened is in the recording alone; everything else comes from the live terminal.
  if (outputBytes === 0) await printLast(context, client, lines)
  const output = showAgentOutput(client, agentId, lastLinesFirst(toScreen(context.screen), outputBytes, lines))
  if (isSettled((await client.request('agent.status', { agentId })).status)) done.resolve()
  await Promise.race([done.promise, output.lost])
  await drain(client, agentId, output)
  output.close()
  changes.close()
}

/** Passes on only the last lines of what had been shown by then, and all that comes after. */
function lastLinesFirst(write: WritePiece, alreadyShown: number, lines: number): WritePiece {
  let held: string | null = alreadyShown === 0 ? null : ''
  return (data, offset) => {
    if (held === null) return write(data, offset)
    held += data
    const later = offset + data.length - alreadyShown
    if (later < 0) return Promise.resolve()
    const shown = held.slice(0, held.length - later).split('\n')
    const kept = shown.slice(-(shown.at(-1) === '' ? lines + 1 : lines)).join('\n')
    const rest = held.slice(held.length - later)
    held = null
    return write(kept + rest, offset)
  }
}
