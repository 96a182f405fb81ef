import { OWNER } from '../../access/owner.ts'
import type { ControlRoom } from '../../controlRoom.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import type { Agent } from '../../../shared/domain/agent.ts'
import type { Command } from '../context.ts'
import { exitCode } from '../exitCodes.ts'
import { CLOSING, openServedRoom, tellServedRoom } from '../servedRoom.ts'

/** The browser host: one line on standard output, everything else beside it, until somebody, or whoever started it, ends it. */
export const serve: Command = async (context) => {
  const { notes, line, stdin } = context
  const interruptions = context.interruptions()
  const ended = Promise.withResolvers<void>()
  const hosted = await openServedRoom(context, {
    onStopRequested: (problem) => (problem === undefined ? ended.resolve() : ended.reject(problem)),
    // The page lists every call; here a line for each would be a line too many.
    isWorthALine: ({ event, level }) => event !== 'llm.callFinished' || level !== 'INFO',
  })
  try {
    await tellServedRoom(context, hosted)
    if (line.options.untilStdinCloses || line.options.untilUnused) {
      const left = Promise.withResolvers<void>()
      for (const end of ['end', 'close', 'error']) stdin.once(end, () => left.resolve())
      const last = line.options.untilUnused ? left.promise.then(() => untilUnused(hosted.room)) : left.promise
      last.then(ended.resolve, ended.reject)
      // Nothing is read of what comes; only its end matters.
      stdin.resume()
    }
    interruptions.listen((_signal, isFirst) => {
      if (!isFirst) notes.say('WARN', 'host.stopping', CLOSING)
      ended.resolve()
    })
    await ended.promise
  } finally {
    stdin.pause()
    await hosted.stop()
  }
  return exitCode('done')
}

/** Resolves once no agent runs any more. */
async function untilUnused({ router, bus }: ControlRoom): Promise<void> {
  const unused = Promise.withResolvers<void>()
  const look = async (): Promise<void> => {
    const { agents } = (await router.request('agent.list', {}, OWNER)) as { agents: Agent[] }
    if (agents.every(({ status }) => isSettled(status))) unused.resolve()
  }
  const unlisten = bus.listen((events) => {
    if (events.some(({ name }) => name === 'agent.changed')) look().catch(unused.reject)
  })
  look().catch(unused.reject)
  await unused.promise.finally(unlisten)
}
