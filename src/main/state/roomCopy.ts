import Database from 'better-sqlite3'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import { writeCopy } from './backups.ts'
import { databaseError, explainDatabaseError } from './databaseErrors.ts'
import { generationsIn } from './keyGenerations.ts'
import { APPLICATION_ID, refuseNewer } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { DATABASE_FILE } from './openDatabase.ts'

export interface RoomCopyOptions {
  readonly dataFolder: string
  /** Made where it is not there; one that holds something is refused. */
  readonly folder: string
  /** From the data folder; without it the database does not open its secrets. */
  readonly keyFile: string
  /** Files and folders of the data folder that go along where they are there. */
  readonly beside: readonly string[]
}

export interface RoomCopy {
  /** What is in it, from its folder. */
  readonly names: readonly string[]
  /** Every room has some, unless a server keeps them. */
  readonly hasEvents: boolean
  /** Whether it holds something that only a master key opens. */
  readonly needsKey: boolean
}

/** Copies what a room must not lose, whether it is open or closed; its own folder is only read. All of it, or nothing. */
export function copyRoom({ dataFolder, folder, keyFile, beside }: RoomCopyOptions): RoomCopy {
  const file = join(dataFolder, DATABASE_FILE)
  if (!existsSync(file)) throw databaseError('unusable', file, 'there is none')
  for (const name of beside) requireOutside(folder, join(dataFolder, name))
  const isMade = prepareTarget(folder)
  try {
    const key = read(join(dataFolder, keyFile))
    copyDatabase(file, join(folder, DATABASE_FILE))
    const names = [keyFile, ...beside].filter((name) => copyTree(join(dataFolder, name), join(folder, name)))
    if (key !== read(join(folder, keyFile))) throw new AppError('CONFLICT', 'The master key was changed while the copy was made; make it again.')
    const copy = join(folder, DATABASE_FILE)
    return { names: [DATABASE_FILE, ...names], hasEvents: hasEvents(copy), needsKey: generationsIn(copy).length > 0 }
  } catch (problem) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
    if (isMade) rmSync(folder, { recursive: true, force: true })
    throw problem
  }
}

/** A copy within what is copied would be copied too, without end. */
function requireOutside(folder: string, copied: string): void {
  const way = relative(copied, folder)
  if (way.split(sep)[0] === '..' || isAbsolute(way)) return
  throw new AppError('INVALID_INPUT', `There can be no copy in ${folder}: it lies in ${copied}, which is copied; name another folder.`)
}

/** Whether it was made here. */
function prepareTarget(folder: string): boolean {
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new AppError('INVALID_INPUT', `There is something in ${folder} already; name a folder that is new or empty, so that no older copy is lost.`)
    }
    return mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined
  } catch (problem) {
    if (problem instanceof AppError) throw problem
    throw new AppError('INVALID_INPUT', `There can be no copy in ${folder} (${(problem as NodeJS.ErrnoException).code}); name a folder that this account may write to.`)
  }
}

function copyDatabase(file: string, copy: string): void {
  let database: Database.Database | null = null
  try {
    database = new Database(file, { readonly: true, timeout: 2_000 })
    if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw databaseError('foreign', file, 'its header says so')
    refuseNewer(database, file, migrations)
    writeCopy(database, copy)
  } catch (problem) {
    throw isAboutTarget(problem) ? unwritable(copy, problem) : explainDatabaseError(problem, file)
  } finally {
    database?.close()
  }
}

/** The room's own file is only read: what is full, or forbids, is where the copy is to be. */
function isAboutTarget(problem: unknown): boolean {
  return /^(?:SQLITE_(?:FULL|READONLY|IOERR_WRITE)|E[A-Z]+$)/.test((problem as NodeJS.ErrnoException).code ?? '')
}

function unwritable(copy: string, problem: unknown): AppError {
  return new AppError('UNAVAILABLE', `The copy ${copy} cannot be written (${(problem as NodeJS.ErrnoException).code}); nothing of it was kept.`, { file: copy })
}

function hasEvents(copy: string): boolean {
  const database = new Database(copy, { readonly: true })
  try {
    return database.prepare('SELECT 1 FROM events LIMIT 1').get() !== undefined
  } finally {
    database.close()
  }
}

/** Whether there was something to copy. What goes while it is copied, such as the recording of an agent that is removed, is not in it. */
function copyTree(from: string, to: string): boolean {
  const names = listed(from)
  if (names === null) return copyFile(from, to)
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of names) copyTree(join(from, name), join(to, name))
  return true
}

/** Null for what is no folder. */
function listed(path: string): string[] | null {
  try {
    return readdirSync(path)
  } catch {
    return null
  }
}

function copyFile(from: string, to: string): boolean {
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    copyFileSync(from, to)
    return true
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw unwritable(to, problem)
  }
}

function read(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
