import type { Database } from 'better-sqlite3'

/** What a step deletes or replaces is overwritten in the database, and the log that still has it is emptied. */
export function wiping<R>(database: Database, step: () => R): R {
  database.pragma('secure_delete = ON')
  try {
    return step()
  } finally {
    database.pragma('secure_delete = OFF')
    database.pragma('wal_checkpoint(TRUNCATE)')
  }
}
