import type { Migration } from './migration.ts'

export const stage: Migration = {
  version: 7,
  name: 'stage',
  up(database) {
    database.exec(`
      -- One row while secrets are locked, none while they are not.
      CREATE TABLE stage_lock (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        password_hash TEXT NOT NULL,
        opens_with TEXT NOT NULL CHECK (opens_with IN ('stage-password', 'account-password')),
        locked_by TEXT NOT NULL,
        locked_at INTEGER NOT NULL
      ) STRICT;
    `)
  },
}
