import type { Page } from '@playwright/test'
import type { StandIn } from '../standIn/screen.ts'

export type HostKind = 'browser' | 'stand-in' | 'desktop'

/** One way in which the control room meets its user, with a data folder of its own. */
export interface Host {
  readonly kind: HostKind
  readonly page: Page
  readonly dataFolder: string
  /** The room's process. */
  readonly pid: number
  /** Where the REST and WebSocket door is. */
  readonly apiUrl: string
  /** Lets the page know the path of a file before it is handed over; a real system needs no telling. */
  knowFile(path: string): Promise<void>
  /** The room's process dies without a word. */
  kill(): Promise<void>
  /** The room opens again on the same data folder, under the same address. */
  startAgain(): Promise<void>
  /** Ends it as a user would. Gives the exit code. */
  stop(): Promise<number | null>
  /** What the process wrote on its terminal. */
  output(): string
  /** Starts the same window once more, with a script to look at; gives the exit code. Null where there is no such thing. */
  readonly startSecond: ((script: string) => Promise<number | null>) | null
  readonly standIn: StandIn | null
}

export interface HostOptions {
  readonly root: string
  readonly dataFolder: string
  readonly environment: Record<string, string>
  /** Where the bundles are, when not in the checkout's own folder. */
  readonly out?: string
}
