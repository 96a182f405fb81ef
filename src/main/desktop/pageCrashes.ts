import type { Clock } from '../ports.ts'

const MOST = 3
const WITHIN_MS = 60_000

/** Decides after each crash of the page whether to load it again; one that keeps crashing is left alone. */
export function createPageCrashes(clock: Clock): { mayLoadAgain(): boolean } {
  let crashes: number[] = []
  return {
    mayLoadAgain() {
      const now = clock.now()
      crashes = [...crashes.filter((at) => now - at < WITHIN_MS), now]
      return crashes.length <= MOST
    },
  }
}
