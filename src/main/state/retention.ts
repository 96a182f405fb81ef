import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'
import type { EventStore } from './repositories.ts'

export interface RetentionOptions {
  /** Forgets what is older than a moment. */
  readonly forgetBefore: (moment: Millis) => Promise<unknown>
  readonly keptMs: Millis
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** Of what a defect is told: `event retention`. */
  readonly what: string
}

const DAY_MS = 24 * 60 * 60 * 1000
const KEPT_DAYS = 30
const LOOK_EVERY_MS = DAY_MS / 4

/** Forgets what is older, now and every few hours. */
export function keepFor({ forgetBefore, keptMs, clock, onDefect, what }: RetentionOptions): { stop(): void } {
  let timer: Timer | null = null
  let isStopped = false
  const look = (): void => {
    forgetBefore(Math.max(0, clock.now() - keptMs))
      .catch((defect: unknown) => {
        // The database was closed between two steps: the next start goes on.
        if (!isStopped) onDefect(defect, what)
      })
      .finally(() => {
        if (!isStopped) timer = clock.after(LOOK_EVERY_MS, look)
      })
  }
  look()
  return {
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}

/** Events are kept for a month. */
export function keepRetention(events: EventStore, clock: Clock, onDefect: RetentionOptions['onDefect']): { stop(): void } {
  return keepFor({ forgetBefore: (moment) => events.forgetBefore(moment), keptMs: KEPT_DAYS * DAY_MS, clock, onDefect, what: 'event retention' })
}
