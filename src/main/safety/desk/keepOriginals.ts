import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock, Timer } from '../../ports.ts'
import type { Originals } from '../../state/repositories.ts'

export interface KeepOriginalsOptions {
  readonly originals: Pick<Originals, 'forgetBefore'>
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const LOOK_EVERY_MS = 6 * 60 * 60 * 1000

/** Forgets originals that are older, now and every few hours. */
export function keepOriginalsFor(keptMs: Millis, { originals, clock, onDefect }: KeepOriginalsOptions): { stop(): void } {
  let timer: Timer | null = null
  let isStopped = false
  const look = (): void => {
    originals
      .forgetBefore(Math.max(0, clock.now() - keptMs))
      .catch((defect: unknown) => {
        // The database was closed between two steps: the next start goes on.
        if (!isStopped) onDefect(defect, 'retention of originals')
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
