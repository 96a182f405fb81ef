import type { OpenDatabase } from './openDatabase.ts'
import type { RecentScripts } from './repositories.ts'

/** More than a list for people shows; what is older is forgotten. */
const SCRIPTS_KEPT = 50

export function createRecentScripts({ fast }: OpenDatabase): RecentScripts {
  const touch = fast.prepare(`
    INSERT INTO recent_scripts VALUES (?, ?)
    ON CONFLICT (script) DO UPDATE SET last_started_at = excluded.last_started_at`)
  const forget = fast.prepare(`
    DELETE FROM recent_scripts WHERE script NOT IN
    (SELECT script FROM recent_scripts ORDER BY last_started_at DESC, script LIMIT ${SCRIPTS_KEPT})`)
  const list = fast.prepare<[number], { script: string; last_started_at: number }>(
    'SELECT * FROM recent_scripts ORDER BY last_started_at DESC, script LIMIT ?',
  )
  const note = fast.transaction((script: string, at: number) => {
    touch.run(script, at)
    forget.run()
  })
  return {
    touch: async (script, at) => {
      note.immediate(script, at)
    },
    list: async (limit) => list.all(limit).map((row) => ({ script: row.script, lastStartedAt: row.last_started_at })),
  }
}
