import type { Database } from 'better-sqlite3'

/** Places set aside at a time, durably: after a crash none of them is given out again, whatever a loss of power took back. */
const RESERVED_AT_ONCE = 10_000

interface Row {
  reserved: number
  kept_from: number
  is_clean: number
}

export interface EventSequence {
  /** Whether the last one who had the database open closed it. */
  readonly wasClosed: boolean
  /** The first of so many free places. They are taken only by `advance`. */
  next(count: number): number
  advance(latest: number): void
  bounds(): { oldest: number; latest: number }
  canContinueFrom(seq: number): boolean
  closeCleanly(): void
}

export function openSequence(fast: Database, durable: Database): EventSequence {
  const { wasClosed, ...start } = durable.transaction(begin).immediate(durable)
  let { latest, reserved } = start
  const keptFrom = fast.prepare('SELECT kept_from FROM event_sequence').pluck()
  const gapAt = fast.prepare('SELECT 1 FROM event_gaps WHERE first <= ? AND last >= ?').pluck()
  const reserve = durable.prepare('UPDATE event_sequence SET reserved = ?, is_clean = 0')
  const finish = durable.prepare('UPDATE event_sequence SET reserved = ?, is_clean = 1')

  return {
    wasClosed,
    next(count) {
      if (latest + count > reserved) {
        const upTo = latest + count + RESERVED_AT_ONCE
        reserve.run(upTo)
        reserved = upTo
      }
      return latest + 1
    },
    advance: (to) => {
      latest = to
    },
    bounds: () => ({ oldest: keptFrom.get() as number, latest }),
    canContinueFrom: (seq) => seq <= latest && seq >= (keptFrom.get() as number) - 1 && gapAt.get(seq, seq) === undefined,
    closeCleanly: () => {
      finish.run(latest)
    },
  }
}

/** Finds where the sequence goes on, and marks it as in use until it is closed cleanly. */
function begin(durable: Database): { latest: number; reserved: number; wasClosed: boolean } {
  const row = durable.prepare('SELECT reserved, kept_from, is_clean FROM event_sequence').get() as Row
  const stored = durable.prepare('SELECT max(seq) FROM events').pluck().get() as number | null
  const wasClosed = row.is_clean === 1
  const latest = wasClosed ? row.reserved : skipWhatMayBeLost(durable, row.reserved, stored ?? row.kept_from - 1)
  const reserved = latest + RESERVED_AT_ONCE
  durable.prepare('UPDATE event_sequence SET reserved = ?, is_clean = 0').run(reserved)
  return { latest, reserved, wasClosed }
}

/** One place beyond what was reserved: nobody can have seen that one, so a snapshot taken there is never mistaken for a lost one. */
function skipWhatMayBeLost(durable: Database, reserved: number, stored: number): number {
  durable
    .prepare('INSERT INTO event_gaps VALUES (?, ?) ON CONFLICT (first) DO UPDATE SET last = max(last, excluded.last)')
    .run(stored + 1, reserved)
  return reserved + 1
}
