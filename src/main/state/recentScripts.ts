import { LaunchChoices } from '../../shared/contract/launch.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { RecentScripts } from './repositories.ts'

/** More than a list for people shows; what is older is forgotten. */
const SCRIPTS_KEPT = 50

export function createRecentScripts({ fast }: OpenDatabase): RecentScripts {
  const touch = fast.prepare(`
    INSERT INTO recent_scripts (script, last_started_at) VALUES (?, ?)
    ON CONFLICT (script) DO UPDATE SET last_started_at = excluded.last_started_at`)
  const forget = fast.prepare(`
    DELETE FROM recent_scripts WHERE script NOT IN
    (SELECT script FROM recent_scripts ORDER BY last_started_at DESC, script LIMIT ${SCRIPTS_KEPT})`)
  const list = fast.prepare<[number], { script: string; last_started_at: number }>(
    'SELECT script, last_started_at FROM recent_scripts ORDER BY last_started_at DESC, script LIMIT ?',
  )
  const remember = fast.prepare('UPDATE recent_scripts SET choices = ? WHERE script = ?')
  const remembered = fast.prepare<[string], string | null>('SELECT choices FROM recent_scripts WHERE script = ?').pluck()
  const note = fast.transaction((script: string, at: number) => {
    touch.run(script, at)
    forget.run()
  })
  return {
    touch: async (script, at) => {
      note.immediate(script, at)
    },
    remember: async (script, choices) => {
      remember.run(Object.keys(choices).length === 0 ? null : JSON.stringify(choices), script)
    },
    remembered: async (script) => {
      const found = remembered.get(script) ?? null
      // Written by this program; another version of it may have known other choices.
      const read = LaunchChoices.safeParse(found === null ? {} : JSON.parse(found))
      return read.success ? read.data : {}
    },
    list: async (limit) => list.all(limit).map((row) => ({ script: row.script, lastStartedAt: row.last_started_at })),
  }
}
