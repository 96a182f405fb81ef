import type { Clock, Timer } from '../ports.ts'
import type { EventStore } from './repositories.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const KEPT_DAYS = 30
const LOOK_EVERY_MS = DAY_MS / 4

/** Forgets events older than a month, now and every few hours. */
export function keepRetention(events: EventStore, clock: Clock, onDefect: (defect: unknown, where: string) => unknown): { stop(): void } {
  let timer: Timer | null = null
  let isStopped = false
  const look = (): void => {
    events
      .forgetBefore(clock.now() - KEPT_DAYS * DAY_MS)
      .catch((defect: unknown) => {
        // The database was closed between two steps: the next start goes on.
        if (!isStopped) onDefect(defect, 'event retention')
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
