/** Divides the time of the one thread among everybody who speaks with us, and leaves some to the rest of the room. */
export interface FairTurns {
  /** Lets it work at once where there is time left in this round of the loop, else in its turn. */
  add(worker: Worker): void
  remove(worker: Worker): void
}

export interface Worker {
  /** Does a little; says whether more is left. */
  work(): boolean
}

export interface FairTurnsOptions {
  /** The longest that all of them together work in one round of the loop. */
  readonly roundMs: number
  readonly stopwatch?: () => number
}

export function createFairTurns({ roundMs, stopwatch = () => performance.now() }: FairTurnsOptions): FairTurns {
  /** In order of who has waited longest. */
  const waiting = new Set<Worker>()
  let began: number | null = null

  /** The round is over when everything else has had its turn. */
  function begin(): void {
    if (began !== null) return
    began = stopwatch()
    setImmediate(() => {
      began = null
      if (waiting.size > 0) run()
    })
  }

  function run(): void {
    begin()
    for (const worker of waiting) {
      if (stopwatch() - (began ?? 0) >= roundMs) return
      // Whoever is put back is visited again in this very loop.
      waiting.delete(worker)
      if (worker.work()) waiting.add(worker)
    }
  }

  return {
    add(worker) {
      waiting.add(worker)
      run()
    },
    remove: (worker) => void waiting.delete(worker),
  }
}
