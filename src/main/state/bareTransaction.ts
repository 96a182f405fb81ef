import type { Database } from 'better-sqlite3'

export interface BareTransaction {
  /** All that the action writes, or none of it. */
  run(action: () => void): void
}

/** better-sqlite3's own wrapper costs as much as two rows. */
export function bareTransaction(database: Database): BareTransaction {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  return {
    run(action) {
      begin.run()
      try {
        action()
        commit.run()
      } finally {
        // SQLite has rolled back by itself after some errors.
        if (database.inTransaction) database.exec('ROLLBACK')
      }
    },
  }
}
