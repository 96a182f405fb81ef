import type { Exit, RestartRule } from '../../shared/domain/agent.ts'
import { isRefusalExit } from '../../shared/domain/refusalExits.ts'
import type { Millis } from '../../shared/domain/units.ts'

export interface RestartQuestion {
  readonly exit: Exit
  readonly rule: RestartRule
  /** Restarts since the last healthy run, this run's own among them. */
  readonly restartsInARow: number
  readonly maxRestarts: number
  /** At least 0, below 1. */
  readonly chance: number
}

export type RestartAnswer =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'again'; readonly delayMs: Millis }
  | { readonly outcome: 'giveUp' }

const FIRST_DELAY_MS = 500
/** A crashed agent is promised back in under five seconds, its start included. */
const LONGEST_DELAY_MS = 4_000

/** What follows when a process has ended by itself. */
export function afterExit({ exit, rule, restartsInARow, maxRestarts, chance }: RestartQuestion): RestartAnswer {
  const hasFailed = exit.code !== 0 && !isRefusalExit(exit.code)
  if (!hasFailed && rule !== 'always') return { outcome: 'done' }
  if (rule === 'never' || restartsInARow >= maxRestarts) return { outcome: 'giveUp' }
  const ceiling = Math.min(FIRST_DELAY_MS * 2 ** restartsInARow, LONGEST_DELAY_MS)
  // Between half and whole: agents that crashed together do not come back together.
  return { outcome: 'again', delayMs: Math.round(ceiling * (0.5 + chance / 2)) }
}
