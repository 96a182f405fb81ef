import Database from 'better-sqlite3'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import { prepareDataFolder, preparePrivateFile, unusableFolder } from './dataFolder.ts'

/**
 * One owner of a data folder at a time. The lock is the operating system's, on an open file, taken by SQLite because Node has no
 * call for it: it dies with the process, however that ends. `instance.json` beside it only tells where the owner can be reached.
 */
export interface Ownership {
  /** Says where this instance is reached; may be said again. */
  publish(instance: Published): void
  /** Lets go of the folder. Safe to call twice. */
  release(): void
}

export interface Published {
  readonly url: string | null
  readonly port: number | null
  readonly startedAt: Millis
  readonly version: string
}

/** The owner as others see it. Fields are null while it has not said them yet. */
export type Instance = {
  pid: number | null
  url: string | null
  port: number | null
  startedAt: Millis | null
  version: string | null
}

const LOCK_FILE = 'owner.lock'
const INSTANCE_FILE = 'instance.json'
const FOLDER_FORBIDS = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'SQLITE_READONLY_DIRECTORY']

export function claimDataFolder(dataFolder: string): Ownership {
  prepareDataFolder(dataFolder)
  const lock = takeLock(dataFolder)
  const write = (instance: Omit<Instance, 'pid'>): void => writeInstance(dataFolder, { pid: process.pid, ...instance })
  try {
    write({ url: null, port: null, startedAt: null, version: null })
  } catch (problem) {
    lock.close()
    throw unusable(dataFolder, problem)
  }
  let isReleased = false
  return {
    publish({ url, port, startedAt, version }) {
      if (!isReleased) write({ url, port, startedAt, version })
    },
    release() {
      if (isReleased) return
      isReleased = true
      rmSync(join(dataFolder, INSTANCE_FILE), { force: true })
      lock.close()
    },
  }
}

/** Who owns the folder at this moment, or null: a file left behind by somebody who died counts for nothing. */
export function findInstance(dataFolder: string): Instance | null {
  return isHeld(dataFolder) ? readInstance(dataFolder) : null
}

function takeLock(dataFolder: string): Database.Database {
  const file = join(dataFolder, LOCK_FILE)
  let lock: Database.Database | null = null
  try {
    preparePrivateFile(file)
    lock = new Database(file, { timeout: 0 })
    holdExclusively(lock, dataFolder)
    return lock
  } catch (problem) {
    lock?.close()
    throw isBusy(problem) ? taken(dataFolder) : unusable(dataFolder, problem)
  }
}

function holdExclusively(lock: Database.Database, dataFolder: string): void {
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (problem) {
    // Somebody who only looks shares the lock for an instant: that is worth a second try, an owner is not.
    if (!isBusy(problem) || isHeld(dataFolder)) throw problem
    lock.pragma('busy_timeout = 2000')
    lock.exec('BEGIN EXCLUSIVE')
  }
}

function isHeld(dataFolder: string): boolean {
  const file = join(dataFolder, LOCK_FILE)
  if (!existsSync(file)) return false
  let probe: Database.Database | null = null
  try {
    probe = new Database(file, { readonly: true, timeout: 0 })
    probe.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (problem) {
    if (isBusy(problem)) return true
    throw unusable(dataFolder, problem)
  } finally {
    probe?.close()
  }
}

function isBusy(problem: unknown): boolean {
  const code = (problem as { code?: unknown }).code
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY')
}

/** Under another name first: nobody ever reads half of it. */
function writeInstance(dataFolder: string, instance: Instance): void {
  const file = join(dataFolder, INSTANCE_FILE)
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${JSON.stringify(instance)}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}

const UNKNOWN: Instance = { pid: null, url: null, port: null, startedAt: null, version: null }

function readInstance(dataFolder: string): Instance {
  try {
    const written = JSON.parse(readFileSync(join(dataFolder, INSTANCE_FILE), 'utf8')) as Instance
    // The lock's new owner may not have replaced its predecessor's file yet.
    return typeof written.pid === 'number' && isRunning(written.pid) ? { ...UNKNOWN, ...written } : UNKNOWN
  } catch {
    return UNKNOWN
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function taken(dataFolder: string): AppError {
  const instance = readInstance(dataFolder)
  const who = instance.pid === null ? 'another control room' : `the control room with process id ${instance.pid}`
  const where = instance.url === null ? '' : ` at ${instance.url}`
  return new AppError(
    'CONFLICT',
    `The data folder ${dataFolder} is in use by ${who}${where}: talk to that one, stop it, or set IRON_CAGE_HOME to another folder.`,
    { folder: dataFolder, instance },
  )
}

function unusable(dataFolder: string, problem: unknown): AppError {
  const code = (problem as { code?: unknown }).code
  // What forbids this one file forbids every other in the folder.
  if (typeof code === 'string' && FOLDER_FORBIDS.includes(code)) return unusableFolder(dataFolder, code)
  return new AppError(
    'UNAVAILABLE',
    `The lock ${join(dataFolder, LOCK_FILE)} cannot be taken (${typeof code === 'string' ? code : String(problem)}); ` +
      'expected an empty file on a local disk that this account may write to: delete it, or set IRON_CAGE_HOME to another folder.',
    { folder: dataFolder },
  )
}
