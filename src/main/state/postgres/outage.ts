import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'

export interface OutageOptions {
  readonly clock: Clock
  /** How long who asks waits for the other side to come back. */
  readonly outageMs: Millis
  /** Whether it is the other side that is lost; anything else is told at once. */
  readonly isLost: (problem: unknown) => boolean
  readonly onChange: (isThere: boolean) => void
}

export interface Outage {
  /** Tries until it is done, as long as the outage is young; in an old one, once. */
  during<R>(action: () => Promise<R>): Promise<R>
  /** Nobody waits any more, now or later. */
  giveUp(): void
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** A server that is restarted is a pause to who asks; one that stays away is a refusal, and a probe with each who asks. */
export function createOutage({ clock, outageMs, isLost, onChange }: OutageOptions): Outage {
  let lostAt: Millis | null = null
  /** Somebody has waited in vain. */
  let isOld = false
  let isGivenUp = false
  const waiting = new Set<() => void>()

  function lost(): Millis {
    if (lostAt !== null) return lostAt
    lostAt = clock.now()
    onChange(false)
    return lostAt
  }

  function found(): void {
    if (lostAt === null) return
    lostAt = null
    isOld = false
    onChange(true)
  }

  function pause(ms: Millis): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.after(ms, resume)
      function resume(): void {
        timer.cancel()
        waiting.delete(resume)
        resolve()
      }
      waiting.add(resume)
    })
  }

  return {
    async during(action) {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
        try {
          const result = await action()
          found()
          return result
        } catch (problem) {
          if (!isLost(problem)) throw problem
          isOld ||= clock.now() + pauseMs - lost() > outageMs
          if (isOld || isGivenUp) throw problem
          await pause(pauseMs)
        }
      }
    },
    giveUp() {
      isGivenUp = true
      for (const resume of [...waiting]) resume()
    },
  }
}
