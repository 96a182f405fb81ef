import type { Ledger, LedgerEntry } from '../state/repositories.ts'

export interface ReserveEntry {
  readonly entry: LedgerEntry
  /** Asked just before it is written: who has hung up by then needs no reservation. */
  readonly isWanted: () => boolean
  readonly stored: () => void
  readonly unwanted: () => void
  readonly failed: (problem: unknown) => void
}

export interface ReserveWriter {
  write(reserve: ReserveEntry): void
  flush(): void
}

/** Writes all reservations of one turn of the event loop at once: sixty-four callers cost little more than one. */
export function createReserveWriter(ledger: Ledger): ReserveWriter {
  let waiting: ReserveEntry[] = []

  function flush(): void {
    const batch = waiting
    waiting = []
    const wanted = batch.filter((one) => one.isWanted())
    const failed = (problem: unknown): void => {
      for (const one of batch) one.failed(problem)
    }
    const stored = (): void => {
      for (const one of batch) {
        if (wanted.includes(one)) one.stored()
        else one.unwanted()
      }
    }
    try {
      const storing = ledger.append(wanted.map(({ entry }) => entry))
      if (storing) return void storing.then(stored, failed)
    } catch (problem) {
      return failed(problem)
    }
    stored()
  }

  return {
    write(reserve) {
      waiting.push(reserve)
      if (waiting.length === 1) setImmediate(flush)
    },
    flush,
  }
}
