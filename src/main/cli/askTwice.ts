import type { Clock } from '../ports.ts'
import type { Interruption } from './interruptions.ts'

export interface AskTwiceOptions {
  readonly clock: Pick<Clock, 'now'>
  /** Whether there is something that a key pressed by accident would end. */
  readonly isWorthAsking: () => boolean
  readonly ask: () => void
  readonly end: () => void
  /** It ends already. */
  readonly isEnding: () => void
}

/** A second Ctrl-C counts for so long. */
const SECOND_WITHIN_MS = 5_000

/** On a stage one Ctrl-C ends nothing: the second one does. Whatever else asks us to end is meant. */
export function askTwice({ clock, isWorthAsking, ask, end, isEnding }: AskTwiceOptions): (interruption: Interruption) => void {
  let askedAt: number | null = null
  let hasEnded = false
  return (interruption) => {
    if (hasEnded) return isEnding()
    const now = clock.now()
    const isSecond = askedAt !== null && now >= askedAt && now - askedAt <= SECOND_WITHIN_MS
    if (interruption === 'SIGINT' && isWorthAsking() && !isSecond) {
      askedAt = now
      return ask()
    }
    hasEnded = true
    end()
  }
}
