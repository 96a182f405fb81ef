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
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** A server that is restarted is a pause to who asks; one that stays away is a refusal, and a probe with each who asks. */
export function createOutage({ clock, outageMs, isLost, onChange }: OutageOptions): Outage {
  let lostAt: Millis | null = null

  function lost(): Millis {
    if (lostAt !== null) return lostAt
    lostAt = clock.now()
    onChange(false)
    return lostAt
  }

  function found(): void {
    if (lostAt === null) return
    lostAt = null
    onChange(true)
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
          if (clock.now() + pauseMs - lost() > outageMs) throw problem
          await new Promise<void>((resolve) => void clock.after(pauseMs, resolve))
        }
      }
    },
  }
}
