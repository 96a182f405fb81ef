import type { Database } from 'better-sqlite3'
import type { Millis } from '../../shared/domain/units.ts'
import { nextTurn } from '../nextTurn.ts'
import { blockOf } from './eventReader.ts'

/** Few enough that nobody notices the pause. */
const FORGOTTEN_AT_ONCE = 2_000

/**
 * Forgets from the front of the sequence up to the first event that is young enough, and never beyond it: a clock that was set back
 * must not punch holes. Between two steps others have their turn.
 */
export async function forgetEvents(database: Database, moment: Millis): Promise<number> {
  const step = createStep(database)
  let forgotten = 0
  for (;;) {
    const count = step(moment)
    forgotten += count
    if (count < FORGOTTEN_AT_ONCE) return forgotten
    await nextTurn()
  }
}

function createStep(database: Database): (moment: Millis) => number {
  const front = database.prepare<[number], { seq: number; at: number }>('SELECT seq, at FROM events ORDER BY seq LIMIT ?')
  const keepFrom = database.prepare('UPDATE event_sequence SET kept_from = ?')
  const forget = database.prepare('DELETE FROM events WHERE seq < ?')
  const forgetBlocks = database.prepare('DELETE FROM event_blocks WHERE block < ?')
  const forgetGaps = database.prepare('DELETE FROM event_gaps WHERE last < ? - 1')

  const run = database.transaction((moment: Millis): number => {
    const old: number[] = []
    for (const { seq, at } of front.all(FORGOTTEN_AT_ONCE)) {
      if (at >= moment) break
      old.push(seq)
    }
    const last = old.at(-1)
    if (last === undefined) return 0
    const keptFrom = last + 1
    keepFrom.run(keptFrom)
    forget.run(keptFrom)
    forgetBlocks.run(blockOf(keptFrom))
    forgetGaps.run(keptFrom)
    return old.length
  })
  return (moment) => run.immediate(moment)
}
