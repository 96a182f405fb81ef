import { OWNER } from '../../access/owner.ts'
import type { ControlRoom } from '../../controlRoom.ts'
import { openHostedRoom } from '../../hostedRoom.ts'
import { isSettled } from '../../../shared/domain/agentStatus.ts'
import type { Agent } from '../../../shared/domain/agent.ts'
import { roomFlags, type Command } from '../context.ts'
import { exitCode } from '../exitCodes.ts'

/** The browser host: one line on standard output, everything else beside it, until somebody, or whoever started it, ends it. */
export const serve: Command = async (context) => {
  const { dataFolder, environment, settings, screen, notes, line, stdin } = context
  const interruptions = context.interruptions()
  const ended = Promise.withResolvers<void>()
  const hosted = await openHostedRoom({
    dataFolder,
    environment,
    flags: roomFlags(context),
    host: 'browser',
    port: settings.values.port,
    isPortChosen: settings.isPortChosen,
    onStopRequested: (problem) => (problem === undefined ? ended.resolve() : ended.reject(problem)),
    // The page lists every call; here a line for each would be a line too many.
    onLogEntry: (entry) => {
      if (entry.event !== 'llm.callFinished' || entry.level !== 'INFO' || settings.values.verbose) notes.write(entry)
    },
  })
  try {
    if (line.options.json) {
      const { version } = (await hosted.room.router.request('room.identity', {}, OWNER)) as { version: string }
      await screen.out(`${JSON.stringify({ url: hosted.url, pid: process.pid, dataFolder, version })}\n`)
    } else {
      const { url } = (await hosted.room.router.request('room.link', {}, OWNER)) as { url: string }
      await screen.out(`listening on ${hosted.url}\n`)
      screen.note(`sign in, once and within ten minutes: ${url}`)
    }
    if (line.options.untilStdinCloses || line.options.untilUnused) {
      const left = Promise.withResolvers<void>()
      for (const end of ['end', 'close', 'error']) stdin.once(end, () => left.resolve())
      const last = line.options.untilUnused ? left.promise.then(() => untilUnused(hosted.room)) : left.promise
      last.then(ended.resolve, ended.reject)
      // Nothing is read of what comes; only its end matters.
      stdin.resume()
    }
    interruptions.listen((_signal, isFirst) => {
      if (!isFirst) notes.say('WARN', 'host.stopping', 'The control room is closing; it waits until every agent has ended.')
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
