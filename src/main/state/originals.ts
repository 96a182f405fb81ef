import { nextTurn } from '../nextTurn.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { Originals } from './repositories.ts'
import { wiping } from './wiping.ts'

/** Few enough that nobody notices the pause. */
const FORGOTTEN_AT_ONCE = 500

export function createOriginals({ fast }: OpenDatabase): Originals {
  const insert = fast.prepare('INSERT INTO pii_originals (id, at, sealed) VALUES (?, ?, ?)')
  const get = fast.prepare<[string], Buffer>('SELECT sealed FROM pii_originals WHERE id = ?').pluck()
  const recent = fast.prepare<[number], { id: string; sealed: Buffer }>('SELECT id, sealed FROM pii_originals ORDER BY place DESC LIMIT ?')
  const old = fast.prepare<[number], number>(`SELECT place FROM pii_originals WHERE at < ? ORDER BY place LIMIT ${FORGOTTEN_AT_ONCE}`).pluck()
  const lost = fast.prepare<[], number>('SELECT place FROM pii_originals WHERE id NOT IN (SELECT id FROM pii_audit)').pluck()
  const forget = fast.prepare('DELETE FROM pii_originals WHERE place = ?')
  const save = fast.transaction((originals: Parameters<Originals['save']>[0]) => {
    for (const { id, at, sealed } of originals) insert.run(id, at, sealed)
  })
  const forgetAll = fast.transaction((places: readonly number[]) => {
    for (const place of places) forget.run(place)
  })

  /** A page that is filled hands its rows on, and would keep a copy. */
  function savingCleanly(originals: Parameters<Originals['save']>[0]): void {
    fast.pragma('secure_delete = ON')
    try {
      save.immediate(originals)
    } finally {
      fast.pragma('secure_delete = OFF')
    }
  }

  const wipe = (places: readonly number[]): void => {
    if (places.length > 0) wiping(fast, () => forgetAll.immediate(places))
  }

  // A room that was killed between an original and its record has left one that nobody can ask for.
  wipe(lost.all())

  return {
    save: savingCleanly,
    get: async (id) => get.get(id) ?? null,
    recent: async (limit) => recent.all(limit),
    async forgetBefore(moment) {
      for (let forgotten = 0; ; ) {
        const places = old.all(moment)
        wipe(places)
        forgotten += places.length
        if (places.length < FORGOTTEN_AT_ONCE) return forgotten
        await nextTurn()
      }
    },
  }
}
