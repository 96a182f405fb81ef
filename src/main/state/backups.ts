import type { Database } from 'better-sqlite3'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Millis } from '../../shared/domain/units.ts'
import { preparePrivateFile } from './dataFolder.ts'

const BACKUPS_KEPT = 3
const BACKUP_NAME = /^control-room-.*\.db$/
const PARTIAL_NAME = /^control-room-.*\.db\.partial/

/** Writes a whole copy of the database beside it and keeps the last three. */
export function backUp(database: Database, dataFolder: string, version: number, at: Millis): string {
  const folder = join(dataFolder, 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Of a room that was killed while it wrote one.
  for (const name of readdirSync(folder)) if (PARTIAL_NAME.test(name)) rmSync(join(folder, name), { force: true })
  const moment = new Date(at).toISOString().replaceAll(':', '-')
  const name = `control-room-${moment}-v${version}.db`
  writeCopy(database, join(folder, name))
  // The new one stays, also where the clock was set back and it is the oldest by its name.
  for (const old of listBackups(folder).filter((one) => one !== name).slice(0, 1 - BACKUPS_KEPT)) rmSync(join(folder, old), { force: true })
  return join(folder, name)
}

/** Consistent while others write. The copy has its name only once it is complete and on disk. */
export function writeCopy(database: Database, copy: string): void {
  const partial = `${copy}.partial`
  try {
    rmSync(partial, { force: true })
    // VACUUM INTO fills an empty file, so the copy has our mode from its first byte on.
    preparePrivateFile(partial)
    database.prepare('VACUUM INTO ?').run(partial)
    syncToDisk(partial)
    renameSync(partial, copy)
  } catch (problem) {
    rmSync(partial, { force: true })
    throw problem
  }
}

/** Oldest first: the moment stands at the front of the name. */
function listBackups(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => BACKUP_NAME.test(name))
    .sort()
}

function syncToDisk(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
