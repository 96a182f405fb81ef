import type { FlagValues } from '../configuration/layers.ts'
import type { LaunchPlanner, RoomSettings } from '../configuration/launchPlanner.ts'
import { SETTING_KEYS, settingOf } from '../configuration/settings.ts'
import type { CommandLine } from './commandLine.ts'
import { connect, type Connection } from './connection.ts'
import type { Interruptions } from './interruptions.ts'
import { isAtLeast, type Notes } from './notes.ts'
import { passphraseAsker } from './readSecret.ts'
import type { Screen } from './terminalText.ts'

/** What a command has at hand. */
export interface CommandContext {
  readonly line: CommandLine
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where the user is; under npm that is not where we run. */
  readonly callerFolder: string
  readonly platform: NodeJS.Platform
  readonly dataFolder: string
  readonly planner: LaunchPlanner
  readonly settings: RoomSettings
  readonly screen: Screen
  readonly notes: Notes
  readonly stdin: NodeJS.ReadStream
  /** From the first call on, signals no longer end the process by themselves. */
  interruptions(): Interruptions
}

export type Command = (context: CommandContext) => Promise<number>

/** Flags that are about the room, for a room that is composed here. */
export function roomFlags({ line, settings }: CommandContext): FlagValues {
  const keys = SETTING_KEYS.filter((key) => settingOf(key).of === 'room')
  const flags = Object.fromEntries(keys.map((key) => [key, line.flags[key]]))
  // The room does not know where the command was typed.
  return typeof flags.prices === 'string' ? { ...flags, prices: settings.values.prices ?? flags.prices } : flags
}

/** Does one thing in the room that runs, or in one composed for this command. */
export async function withClient(context: CommandContext, action: (client: Connection['client']) => Promise<number>): Promise<number> {
  const connection = await connectOrCompose(context)
  try {
    return await action(connection.client)
  } finally {
    await connection.close()
  }
}

/** Those that open secrets; the others can do their work without. */
const ASKING: ReadonlySet<string> = new Set(['secrets', 'start'])

/** Talks to the room that runs, or to one composed for this command. */
export function connectOrCompose(context: CommandContext, onStopRequested: (problem?: unknown) => void = () => undefined): Promise<Connection> {
  const { dataFolder, environment, notes, settings, line } = context
  return connect({
    dataFolder,
    openOwn: async () => {
      const { openHostedRoom } = await import('../hostedRoom.ts')
      return openHostedRoom({
        dataFolder,
        environment,
        askPassphrase: ASKING.has(line.command) ? passphraseAsker(context) : null,
        flags: roomFlags(context),
        host: 'terminal',
        port: 0,
        isPortChosen: false,
        onStopRequested,
        // Events come to every command over its connection; here only what is no event, and went wrong or was asked for.
        onLogEntry: (entry) => {
          if (entry.fields?.seq === undefined && (settings.values.verbose || isAtLeast(entry.level, 'WARN'))) notes.write(entry)
        },
      })
    },
  })
}
