import type { Millis, Nanodollars } from '../../shared/domain/units.ts'
import type { PartPrices } from '../budget/prices.ts'
import type { Clock, Timer } from '../ports.ts'

/** One timer for all that stream: what each has probably used so far is told a few times a second. */
export interface RunningEstimates {
  /** The returned function ends it. */
  add(tell: () => void): () => void
  close(): void
}

export function createRunningEstimates(clock: Clock, everyMs: Millis): RunningEstimates {
  const running = new Set<() => void>()
  let timer: Timer | null = null

  function tellAll(): void {
    timer = null
    for (const tell of running) tell()
    if (running.size > 0) timer = clock.after(everyMs, tellAll)
  }

  return {
    add(tell) {
      running.add(tell)
      timer ??= clock.after(everyMs, tellAll)
      return () => void running.delete(tell)
    },
    close() {
      running.clear()
      timer?.cancel()
    },
  }
}

/** Input by four bytes a token, output by four characters: near enough to be shown, never charged. */
export function estimate(bodyBytes: number, outputCharacters: number, prices: PartPrices, atMost: Nanodollars): Nanodollars {
  const amount = ((bodyBytes / 4) * (prices.input ?? 0) + (outputCharacters / 4) * (prices.output ?? 0)) / 1_000_000
  return Math.min(atMost, Math.round(amount))
}
