import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'
import type { EventStore } from './repositories.ts'

export interface RetentionOptions {
  /** Forgets what is older than a moment. */
  readonly forgetBefore: (moment: Millis) => Promise<unknown>
  /** Asked anew at each look. */
  readonly keptMs: () => Millis
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** Of what a defect is told: `event retention`. */
  readonly what: string
}

export interface Retention {
  /** Looks at once: less may be kept from now on. */
  lookAgain(): void
  stop(): void
}

const DAY_MS = 24 * 60 * 60 * 1000
const LOOK_EVERY_MS = DAY_MS / 4

/** Forgets what is older, now and every few hours. */
export function keepFor({ forgetBefore, keptMs, clock, onDefect, what }: RetentionOptions): Retention {
  let timer: Timer | null = null
  let isStopped = false
  let isLooking = false
  let isAskedAgain = false

  function look(): void {
    isLooking = true
    forgetBefore(Math.max(0, clock.now() - keptMs()))
      .catch((defect: unknown) => {
        // The database was closed between two steps: the next start goes on.
        if (!isStopped) onDefect(defect, what)
      })
      .finally(() => {
        isLooking = false
        if (isStopped) return
        if (isAskedAgain) lookAgain()
        else timer = clock.after(LOOK_EVERY_MS, look)
      })
  }

  function lookAgain(): void {
    timer?.cancel()
    isAskedAgain = isLooking
    if (!isLooking && !isStopped) look()
  }

  look()
  return {
    lookAgain,
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}

/** Events are kept for a month, unless the settings say otherwise. */
export function keepRetention(events: Pick<EventStore, 'forgetBefore'>, clock: Clock, onDefect: RetentionOptions['onDefect'], keptDays: () => number = () => 30): Retention {
  return keepFor({ forgetBefore: (moment) => events.forgetBefore(moment), keptMs: () => keptDays() * DAY_MS, clock, onDefect, what: 'event retention' })
}
