import { AppError } from '../../shared/errors.ts'

export type DatabaseProblem = 'corrupt' | 'foreign' | 'readOnly' | 'locked' | 'newer' | 'full' | 'unusable' | 'closed'

export function databaseError(problem: DatabaseProblem, file: string, detail = ''): AppError {
  return new AppError('UNAVAILABLE', SENTENCES[problem](file, detail), { problem, file })
}

const SENTENCES: Record<DatabaseProblem, (file: string, detail: string) => string> = {
  corrupt: (file, detail) =>
    `The database ${file} is damaged${because(detail)} and was left untouched: put a file from the "backups" folder beside it in its place, or move it away to begin anew.`,
  foreign: (file, detail) =>
    `The file ${file} is no database of the control room${because(detail)} and was left untouched: move it away, or set IRON_CAGE_HOME to another folder.`,
  readOnly: (file, detail) =>
    `The database ${file} cannot be written${because(detail)}: give this account the right to write to the file and its folder, or set IRON_CAGE_HOME to another folder.`,
  locked: (file) => `The database ${file} is locked by another process: close whatever has it open and start again.`,
  newer: (file, detail) =>
    `The database ${file} was written by a newer version of the control room${because(detail)} and was left untouched: start that version, or set IRON_CAGE_HOME to another folder.`,
  full: (file) => `The database ${file} cannot grow because the disk is full: free some space, then try again.`,
  unusable: (file, detail) =>
    `The database ${file} cannot be used${because(detail)}: expected a regular file on a local disk, so mend that or set IRON_CAGE_HOME to another folder.`,
  closed: (file) => `The database ${file} is closed because the control room is stopping: start it again first.`,
}

/** Turns what SQLite or the file system says into a sentence that names the file; a defect stays what it is. */
export function explainDatabaseError(problem: unknown, file: string): unknown {
  if (problem instanceof AppError) return problem
  if (problem instanceof TypeError && problem.message.includes('database connection is not open')) return databaseError('closed', file)
  const code = (problem as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return problem
  const detail = problem instanceof Error ? problem.message : ''
  for (const [prefix, kind] of KINDS) if (code.startsWith(prefix)) return databaseError(kind, file, detail)
  return problem
}

const KINDS: readonly (readonly [string, DatabaseProblem])[] = [
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_READONLY', 'readOnly'],
  ['SQLITE_PERM', 'readOnly'],
  ['EACCES', 'readOnly'],
  ['EPERM', 'readOnly'],
  ['EROFS', 'readOnly'],
  ['SQLITE_FULL', 'full'],
  ['ENOSPC', 'full'],
  ['SQLITE_CANTOPEN', 'unusable'],
  ['SQLITE_IOERR', 'unusable'],
  ['SQLITE_PROTOCOL', 'unusable'],
  ['EISDIR', 'unusable'],
  ['ENOTDIR', 'unusable'],
  ['EIO', 'unusable'],
]

function because(detail: string): string {
  return detail === '' ? '' : ` (${detail})`
}
