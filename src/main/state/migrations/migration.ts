import type { Database } from 'better-sqlite3'

/** One step from a version of the database to the next. It runs in a transaction of its own, and is never changed once released. */
export interface Migration {
  readonly version: number
  readonly name: string
  up(database: Database): void
}
