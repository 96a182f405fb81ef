import type { Clock } from '../ports.ts'

export interface TestClock extends Clock {
  /** Lets time pass, and runs what falls due on the way, in order. */
  advance(ms: number): void
  /** How many timers still wait. */
  waiting(): number
}

export function createTestClock(startsAt = Date.UTC(2026, 10, 21, 14, 23, 45)): TestClock {
  let now = startsAt
  let due: { at: number; action: () => void }[] = []

  return {
    now: () => now,
    waiting: () => due.length,

    after(delayMs, action) {
      const entry = { at: now + delayMs, action }
      due.push(entry)
      return { cancel: () => void (due = due.filter((other) => other !== entry)) }
    },

    advance(ms) {
      const end = now + ms
      for (;;) {
        const next = due.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        due = due.filter((entry) => entry !== next)
        now = next.at
        next.action()
      }
      now = end
    },
  }
}
