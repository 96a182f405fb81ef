import { OWNER } from '../access/owner.ts'
import { openHostedRoom, type HostedRoom } from '../hostedRoom.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { roomFlags, type CommandContext } from './context.ts'

/** The browser host, for commands that stay with it. Of its log those lines are shown that are worth it, with --verbose all. */
export function openServedRoom(
  context: CommandContext,
  { onStopRequested, isWorthALine }: { onStopRequested: (problem?: unknown) => void; isWorthALine: (entry: LogEntry) => boolean },
): Promise<HostedRoom> {
  const { dataFolder, environment, settings, notes } = context
  return openHostedRoom({
    dataFolder,
    environment,
    flags: roomFlags(context),
    host: 'browser',
    port: settings.values.port,
    isPortChosen: settings.isPortChosen,
    onStopRequested,
    onLogEntry: (entry) => {
      if (settings.values.verbose || isWorthALine(entry)) notes.write(entry)
    },
  })
}

/** Where the room is, as its result, and how to sign in, beside it. For programs, one line of JSON. */
export async function tellServedRoom({ line, screen, dataFolder }: CommandContext, { room, url }: HostedRoom): Promise<void> {
  if (line.options.json) {
    const { version } = (await room.router.request('room.identity', {}, OWNER)) as { version: string }
    await screen.out(`${JSON.stringify({ url, pid: process.pid, dataFolder, version })}\n`)
  } else {
    const link = (await room.router.request('room.link', {}, OWNER)) as { url: string }
    await screen.out(`listening on ${url}\n`)
    screen.note(`sign in, once and within ten minutes: ${link.url}`)
  }
}

export const CLOSING = 'The control room is closing; it waits until every agent has ended.'
