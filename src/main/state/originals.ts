import type { OpenDatabase } from './openDatabase.ts'
import type { Originals } from './repositories.ts'

/** Few enough that nobody notices the pause. */
const FORGOTTEN_AT_ONCE = 500

export function createOriginals({ fast }: OpenDatabase): Originals {
  const insert = fast.prepare('INSERT INTO pii_originals (id, at, sealed) VALUES (?, ?, ?)')
  const get = fast.prepare<[string], Buffer>('SELECT sealed FROM pii_originals WHERE id = ?').pluck()
  const recent = fast.prepare<[number], { id: string; sealed: Buffer }>('SELECT id, sealed FROM pii_originals ORDER BY place DESC LIMIT ?')
  const forget = fast.prepare(`
    DELETE FROM pii_originals WHERE place IN (SELECT place FROM pii_originals WHERE at < ? ORDER BY place LIMIT ${FORGOTTEN_AT_ONCE})`)
  const forgetLost = fast.prepare('DELETE FROM pii_originals WHERE id NOT IN (SELECT id FROM pii_audit)')
  const save = fast.transaction((originals: Parameters<Originals['save']>[0]) => {
    for (const { id, at, sealed } of originals) insert.run(id, at, sealed)
  })

  /** The bytes are overwritten in the database, and the log that still has them is emptied. */
  function wiping(step: () => number): number {
    fast.pragma('secure_delete = ON')
    try {
      return step()
    } finally {
      fast.pragma('secure_delete = OFF')
    }
  }

  function emptyLog(): void {
    fast.pragma('wal_checkpoint(TRUNCATE)')
  }

  // A room that was killed between an original and its record has left one that nobody can ask for.
  if (wiping(() => forgetLost.run().changes) > 0) emptyLog()

  return {
    save: (originals) => save.immediate(originals),
    get: async (id) => get.get(id) ?? null,
    recent: async (limit) => recent.all(limit),
    async forgetBefore(moment) {
      let forgotten = 0
      for (;;) {
        const count = wiping(() => forget.run(moment).changes)
        forgotten += count
        if (count < FORGOTTEN_AT_ONCE) break
        await new Promise((resolve) => setImmediate(resolve))
      }
      if (forgotten > 0) emptyLog()
      return forgotten
    },
  }
}
