import Database from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createTestClock } from '../access/testClock.ts'
import { migrations } from './migrations/all.ts'
import type { Migration } from './migrations/migration.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState, type StateOptions } from './openState.ts'
import { note } from './testEvents.ts'

export const clock = createTestClock()

/** Two hundred events in a database that was closed properly. */
export async function fillDatabase(dataFolder: string): Promise<{ dataFolder: string; file: string }> {
  const state = await openState({ dataFolder, clock })
  for (let i = 0; i < 200; i++) await state.events.append([{ announcement: note(`invented event ${i}`), at: clock.now() }])
  await state.close()
  return { dataFolder, file: join(dataFolder, DATABASE_FILE) }
}

/** Every file of the folder with a digest of its bytes, without what SQLite makes beside a database to read it. */
export function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const facts = statSync(join(folder, name))
    return facts.isFile() && !name.endsWith('-shm') && !(name.endsWith('-wal') && facts.size === 0)
  })
  return Object.fromEntries(names.sort().map((name) => [name, digestOf(join(folder, name))]))
}

export function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** What is said when the database does not open. */
export async function refusal(options: Partial<StateOptions> & { dataFolder: string }): Promise<Error> {
  const state = await openState({ clock, busyTimeoutMs: 0, ...options }).catch((problem: unknown) => problem)
  if (state instanceof Error) return state
  throw new Error('It opened.')
}

export const nextMigration: Migration = {
  version: migrations.length + 1,
  name: 'invented',
  up: (database) => database.exec('CREATE TABLE invented (id INTEGER) STRICT'),
}

export function eventsIn(file: string): unknown[] {
  return looking(file, (database) => database.prepare('SELECT * FROM events ORDER BY seq').all())
}

export function versionOf(file: string): unknown {
  return looking(file, (database) => database.pragma('user_version', { simple: true }))
}

export function looking<R>(file: string, action: (database: Database.Database) => R): R {
  const database = new Database(file, { readonly: true })
  try {
    return action(database)
  } finally {
    database.close()
  }
}

/** For what no repository does. */
export function changing(dataFolder: string, sql: string): void {
  const database = new Database(join(dataFolder, DATABASE_FILE))
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}
