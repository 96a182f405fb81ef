import type { Caller } from '../shared/domain/roles.ts'
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
  /** The host's door is open: links lead there, and a second command line finds it there. */
  publish(address: { url: string; port: number }): void
  /** Ends every agent, then closes the rooms backwards. Safe to call twice. */
  stop(): Promise<void>
}

/** Who may come in. Accounts, JWT and API tokens move in here later; the doors only ever ask these questions. */
export interface Access {
  /** Bearer token → caller. Compares in constant time. */
  fromBearer(token: string): Caller | null
  /** Signed session, as kept in a browser's cookie → caller. Survives a restart of the room. */
  fromSession(session: string): Promise<Caller | null>
  /** A code for one sign-in within ten minutes. */
  createCode(): string
  /** The code's session, or null; a code is good once. */
  redeemCode(code: string): Promise<{ session: string; maxAgeSeconds: number } | null>
}
