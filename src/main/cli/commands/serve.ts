import { openHostedRoom } from '../../hostedRoom.ts'
import { roomFlags, type Command } from '../context.ts'
import { exitCode } from '../exitCodes.ts'

/** The browser host: one line on standard output, everything else beside it, until somebody ends it. */
export const serve: Command = async (context) => {
  const { dataFolder, environment, settings, screen, notes } = context
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
    const { url } = (await hosted.room.router.request('room.link', {}, { role: 'admin', id: 'owner' })) as { url: string }
    await screen.out(`listening on ${hosted.url}\n`)
    screen.note(`sign in, once and within ten minutes: ${url}`)
    interruptions.listen((_signal, isFirst) => {
      if (!isFirst) notes.say('WARN', 'host.stopping', 'The control room is closing; it waits until every agent has ended.')
      ended.resolve()
    })
    await ended.promise
  } finally {
    await hosted.stop()
  }
  return exitCode('done')
}
