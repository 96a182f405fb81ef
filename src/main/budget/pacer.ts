import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'

/** Does something as often as it is asked to, but never twice within a span of time; the last request is always met. */
export interface Pacer {
  request(): void
  /** Does now what was requested and not done yet. */
  flush(): void
  cancel(): void
}

export function createPacer(clock: Clock, apartMs: Millis, action: () => void): Pacer {
  let timer: Timer | null = null
  let doneAt = -Infinity

  function act(): void {
    timer?.cancel()
    timer = null
    doneAt = clock.now()
    action()
  }

  return {
    request() {
      // A clock that was set back must not hold anybody up. Never at once: whoever requests is busy with a call.
      timer ??= clock.after(Math.max(0, Math.min(apartMs, doneAt + apartMs - clock.now())), act)
    },
    flush() {
      if (timer !== null) act()
    },
    cancel() {
      timer?.cancel()
      timer = null
    },
  }
}
