/** Time and chance as the page has them; tests hand in their own. */
export interface Timing {
  now(): number
  /** Runs the action once, later; gives back what calls it off. */
  after(delayMs: number, action: () => void): () => void
  /** At least 0, below 1. */
  random(): number
}

export const browserTiming: Timing = {
  now: () => Date.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}
