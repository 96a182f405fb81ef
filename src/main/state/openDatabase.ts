import Database from 'better-sqlite3'
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '../../shared/domain/units.ts'
import { prepareDataFolder, preparePrivateFile } from './dataFolder.ts'
import { databaseError, explainDatabaseError } from './databaseErrors.ts'
import { APPLICATION_ID, migrate, refuseNewer } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'

export const DATABASE_FILE = 'control-room.db'

/** Beyond this a full check takes longer than somebody waits for a window; then all but the bulk is checked. */
const WHOLLY_CHECKED_BYTES = 64 * 1024 * 1024

export interface OpenOptions {
  readonly dataFolder: string
  readonly migrations: readonly Migration[]
  readonly now: Millis
  readonly busyTimeoutMs: number
  readonly whollyCheckedBytes?: number
}

export interface OpenDatabase {
  readonly file: string
  /** Commits without waiting for the disk: consistent after any crash, and a loss of power may take back the last moments. */
  readonly fast: Database.Database
  /** Waits for the disk at each commit, and with it for all that was committed before on either connection. */
  readonly durable: Database.Database
  readonly backup: string | null
}

/** Opens the database, or says in one sentence why not; what it does not understand it leaves untouched. */
export function openDatabase(options: OpenOptions): OpenDatabase {
  const { dataFolder, migrations, now, busyTimeoutMs } = options
  const file = join(dataFolder, DATABASE_FILE)
  const opened: Database.Database[] = []
  const open = (synchronous: 'NORMAL' | 'FULL'): Database.Database => {
    const database = new Database(file, { timeout: busyTimeoutMs })
    opened.push(database)
    configure(database, synchronous)
    return database
  }
  try {
    prepareDataFolder(dataFolder)
    if (isThere(file)) {
      requireWritable(file, dataFolder)
      inspect(file, options)
    }
    preparePrivateFile(file)
    const durable = open('FULL')
    const backup = migrate({ database: durable, file, dataFolder, migrations, now })
    return { file, durable, backup, fast: open('NORMAL') }
  } catch (problem) {
    for (const database of opened) database.close()
    throw explainDatabaseError(problem, file)
  }
}

/** Says what is wrong with the database, as opening it would, and leaves it as it is; false when there is none yet. */
export function examineDatabase(options: Omit<OpenOptions, 'now'>): boolean {
  const file = join(options.dataFolder, DATABASE_FILE)
  try {
    if (!isThere(file)) return false
    requireWritable(file, options.dataFolder)
    inspect(file, options)
    return true
  } catch (problem) {
    throw explainDatabaseError(problem, file)
  }
}

function isThere(file: string): boolean {
  if (!existsSync(file)) return false
  const facts = statSync(file)
  if (!facts.isFile()) throw databaseError('unusable', file, facts.isDirectory() ? 'it is a folder' : 'it is no regular file')
  return facts.size > 0
}

/** By doing it: access(2) asks for the wrong user, and knows nothing of read-only file systems below. */
function requireWritable(file: string, folder: string): void {
  closeSync(openSync(file, 'r+'))
  const probe = join(folder, `.probe-${process.pid}`)
  closeSync(openSync(probe, 'w', 0o600))
  rmSync(probe)
}

/** Looks through a read-only connection, so that nothing it finds wrong can be made worse. */
function inspect(file: string, { migrations, busyTimeoutMs, whollyCheckedBytes = WHOLLY_CHECKED_BYTES }: Omit<OpenOptions, 'now'>): void {
  const database = new Database(file, { readonly: true, timeout: busyTimeoutMs })
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all() as string[]
    const application = database.pragma('application_id', { simple: true })
    if (application !== APPLICATION_ID && tables.length > 0) throw databaseError('foreign', file, 'its header says so')
    refuseNewer(database, file, migrations)
    const complaint = findDamage(database, statSync(file).size <= whollyCheckedBytes ? null : tables)
    if (complaint !== null) throw databaseError('corrupt', file, complaint)
  } finally {
    database.close()
  }
}

/** What grows with every event, receipt and finding; no sum of money is derived from it. */
const BULK: ReadonlySet<string> = new Set(['events', 'calls', 'pii_audit', 'pii_originals'])

/** Checks everything, or the tables named except for the bulk. */
function findDamage(database: Database.Database, tables: readonly string[] | null): string | null {
  const checks = tables === null ? ['quick_check(1)'] : tables.filter((name) => !BULK.has(name)).map((name) => `quick_check('${name}')`)
  for (const check of checks) {
    const answer = database.pragma(check, { simple: true }) as string
    if (answer !== 'ok') return answer.replaceAll(/\s+/g, ' ').slice(0, 200)
  }
  return null
}

function configure(database: Database.Database, synchronous: 'NORMAL' | 'FULL'): void {
  // Taking the write lock once tells whether we may write at all, before a backup is taken or anything changed.
  database.exec('BEGIN IMMEDIATE; ROLLBACK')
  const mode = database.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw databaseError('unusable', database.name, 'its file system has no shared memory for the write-ahead log')
  database.pragma(`synchronous = ${synchronous}`)
  database.pragma('foreign_keys = ON')
  // Makes REPLACE fire the triggers that keep events from being deleted.
  database.pragma('recursive_triggers = ON')
  // Four times as rarely as by default: the same few pages are written again and again, and copied once for all of it.
  database.pragma('wal_autocheckpoint = 4000')
  // A log that grew in a burst gives its space back.
  database.pragma('journal_size_limit = 67108864')
  // macOS alone: fsync there does not reach the disk without it.
  database.pragma('fullfsync = ON')
  database.pragma('trusted_schema = OFF')
}
