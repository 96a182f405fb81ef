import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '../../shared/errors.ts'

const isPosix = process.platform !== 'win32'

/** Makes the folder for its owner alone. A folder that others have filled before keeps its mode: it may be somebody's home. */
export function prepareDataFolder(folder: string): void {
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (isPosix && (made !== undefined || readdirSync(folder).length === 0)) chmodSync(folder, 0o700)
  } catch (problem) {
    throw unusableFolder(folder, codeOf(problem))
  }
}

export function unusableFolder(folder: string, code: string): AppError {
  return new AppError(
    'UNAVAILABLE',
    `The data folder ${folder} cannot be used (${code}); expected a folder that this account may write to: mend it or set IRON_CAGE_HOME to another one.`,
    { problem: 'dataFolder', folder },
  )
}

/**
 * Makes the file when it is not there, and keeps it to its owner: SQLite gives its side files the same mode. A file that is there is
 * not opened: closing it again would let go of every lock that this process holds on it.
 */
export function preparePrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (problem) {
    if (codeOf(problem) !== 'EEXIST') throw problem
  }
  if (isPosix && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
}

function codeOf(problem: unknown): string {
  return (problem as NodeJS.ErrnoException).code ?? String(problem)
}
