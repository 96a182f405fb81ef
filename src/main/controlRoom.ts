import type { Caller, Role } from '../shared/domain/roles.ts'
import type { Millis } from '../shared/domain/units.ts'
import type { EventBus } from './events/bus.ts'
import type { FlagValues } from './configuration/layers.ts'
import type { Clock, Random } from './ports.ts'
import type { Router } from './router/router.ts'
import type { Keychain } from './secrets/keychain.ts'
import type { Log, LogEntry } from './telemetry/log.ts'

/** What a host hands in. */
export interface ControlRoomPorts {
  readonly clock: Clock
  readonly random: Random
  /** Absolute; made when it is not there. */
  readonly dataFolder: string
  readonly host: 'desktop' | 'browser' | 'terminal'
  readonly version: string
  /** The environment that configuration reads and that agents inherit, less what is ours. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The PATH of agents and interpreters, when it is another than the environment's and not known yet; null when it is not. Never rejects. */
  readonly searchPath?: Promise<string | null>
  /** A second sink for log lines, such as a terminal; the file is always written. */
  readonly onLogEntry?: (entry: LogEntry & { readonly at: number }) => void
  /** Where the master key is kept when the environment brings none. Left out, as in tests: nowhere. */
  readonly keychain?: Keychain | null
  /** Asks whoever sits there for the passphrase of the key file; left out where nobody does. */
  readonly askPassphrase?: (() => Promise<string | null>) | null
  /** Settings of the room given by flag, such as `log_level`. */
  readonly flags?: FlagValues
  /** Somebody asked the room to stop, or it cannot go on: the host leaves in its own way, and calls `stop`. */
  readonly onStopRequested: (problem?: unknown) => void
}

/** The room, composed. Doors are opened on it by the host. */
export interface ControlRoom {
  readonly router: Router
  readonly bus: EventBus
  readonly log: Log
  readonly access: Access
  readonly dataFolder: string
  /** A door tells it of each command that was asked for by somebody it does not know, before that one is told. */
  readonly onTurnedAway: (name: string, input: unknown, sentence: string) => Promise<void>
  /** The host's door is open: links lead there, a second command line finds it there, and it tells how many viewers it has. */
  publish(address: { url: string; port: number; viewers: () => number }): void
  /** Ends every agent, then closes the rooms backwards. Safe to call twice. */
  stop(): Promise<void>
}

/** Who may come in; the doors only ever ask these questions. */
export interface Access {
  /** The owner's token, that of a run, an API token or the token of a sign-in → caller. Tells nobody by its time how near a guess was. */
  fromBearer(token: string): Promise<Caller | null>
  /** Signed session, as kept in a browser's cookie → caller. Survives a restart of the room. */
  fromSession(session: string): Promise<Caller | null>
  /** A code for one sign-in within ten minutes. */
  createCode(): string
  /** The code's session, or null; a code is good once. */
  redeemCode(code: string): Promise<{ session: string; maxAgeSeconds: number } | null>
  /** Null for a wrong password and an unknown name alike. Refuses with RATE_LIMITED after too many of either. */
  signIn(credentials: { readonly name: string; readonly password: string; readonly address: string }): Promise<SignedIn | null>
  /** Ends a sign-in by its cookie or its token, for both; false for what is neither. */
  signOut(sessionOrToken: string): Promise<boolean>
  /** Told when somebody may no longer be let in: whoever keeps a door open looks again. Gives what ends the listening. */
  onEnded(listener: () => Promise<void>): () => void
}

export interface SignedIn {
  readonly role: Exclude<Role, 'agent'>
  /** For a browser's cookie. */
  readonly session: string
  readonly maxAgeSeconds: number
  /** For a program, as a bearer token. */
  readonly token: string
  readonly expiresAt: Millis
}
