import Database from 'better-sqlite3'
import { join } from 'node:path'
import { DATABASE_FILE } from './openDatabase.ts'
import type { State } from './repositories.ts'

/** Leaves behind what a SIGKILL leaves: the connections are gone and nobody said goodbye. */
export async function closeAsIfKilled(state: State, dataFolder: string): Promise<void> {
  const database = new Database(join(dataFolder, DATABASE_FILE))
  const reserved = database.prepare('SELECT reserved FROM event_sequence').pluck().get()
  await state.close()
  database.prepare('UPDATE event_sequence SET reserved = ?, is_clean = 0').run(reserved)
  database.close()
}
