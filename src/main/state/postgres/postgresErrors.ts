import { AppError } from '../../../shared/errors.ts'

export type PostgresProblem = 'address' | 'unreachable' | 'refused' | 'missing' | 'old' | 'foreign' | 'newer' | 'taken' | 'twice' | 'readOnly' | 'full' | 'forbidden' | 'slow' | 'empty' | 'closed'

export function postgresError(problem: PostgresProblem, where: string, detail = ''): AppError {
  return new AppError('UNAVAILABLE', SENTENCES[problem](where, detail), { problem, database: where })
}

const SENTENCES: Record<PostgresProblem, (where: string, detail: string) => string> = {
  address: () => 'DATABASE_URL is no address of a PostgreSQL database; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
  unreachable: (where, detail) => `The database ${where} cannot be reached${because(detail)}: start it, or mend DATABASE_URL; until then nothing that costs money is let through.`,
  refused: (where, detail) => `The database ${where} lets nobody in with the name and password of DATABASE_URL${because(detail)}: mend them.`,
  missing: (where) => `There is no database ${where}: create it, or mend DATABASE_URL.`,
  old: (where, detail) => `The database ${where} is of PostgreSQL ${detail}; expected 15 or newer.`,
  foreign: (where) => `In the database ${where} the schema iron_cage is somebody else's and was left untouched: set DATABASE_URL to another database.`,
  newer: (where, detail) =>
    `The database ${where} was written by a newer version of the control room${because(detail)} and was left untouched: start that version, or set DATABASE_URL to another database.`,
  taken: (where) => `The database ${where} is in use by another control room: stop that one, or set DATABASE_URL to another database.`,
  twice: (where, name) => `Another control room on ${where} is called ${name} too: its data folder was copied. Delete the file room-name in the copy.`,
  readOnly: (where) => `The database ${where} cannot be written: it is read-only, perhaps a copy that follows another; set DATABASE_URL to the one that is written to.`,
  full: (where) => `The database ${where} cannot grow because its disk is full: free some space there, then try again.`,
  forbidden: (where) => `The account of DATABASE_URL may not do in the database ${where} what the control room needs: make it the owner of the database.`,
  slow: (where) => `The database ${where} takes too long for an answer: ask for less at once, or see what keeps it busy.`,
  empty: (where) => `The database ${where} has nothing of a control room: no room was ever opened with it.`,
  closed: (where) => `The database ${where} is closed because the control room is stopping: start it again first.`,
}

/** What the server says by its code. What is not here and has a code of the server's is a defect of ours. */
const KINDS: readonly (readonly [string, PostgresProblem])[] = [
  ['28', 'refused'],
  ['3D000', 'missing'],
  ['25006', 'readOnly'],
  ['53100', 'full'],
  ['53', 'unreachable'],
  ['42501', 'forbidden'],
  ['57014', 'slow'],
  ['57P', 'unreachable'],
  ['08', 'unreachable'],
]

/** Whether the connection itself is gone or useless; what a statement or a step of ours was refused for is no loss. */
export function isLost(problem: unknown): boolean {
  const code = serverCode(problem)
  return code === null ? isOfDriver(problem) : code.startsWith('57P') || code.startsWith('08')
}

/** Turns what the driver says into a sentence that names the database and no secret; what the server says of a statement stays what it is. */
export function explainPostgresError(problem: unknown, where: string): unknown {
  if (problem instanceof AppError) return problem
  const code = serverCode(problem)
  if (code === null) return isOfDriver(problem) ? postgresError('unreachable', where, networkCode(problem)) : problem
  for (const [prefix, kind] of KINDS) if (code.startsWith(prefix)) return postgresError(kind, where, code)
  return problem
}

/** SQLSTATE, where it was the server that spoke. */
function serverCode(problem: unknown): string | null {
  const { code, severity } = (problem ?? {}) as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && typeof severity === 'string' ? code : null
}

/** The driver says of its own troubles only a sentence; a system call's have a code. */
const DRIVER_SAYS = /^(Connection (terminated|ended)|timeout expired|timeout exceeded|Query read timeout|Client (was|has)|The server does not support SSL|Cannot use a pool after)/

function isOfDriver(problem: unknown): boolean {
  return networkCode(problem) !== '' || (problem instanceof Error && DRIVER_SAYS.test(problem.message))
}

function networkCode(problem: unknown): string {
  const code = (problem as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : ''
}

function because(detail: string): string {
  return detail === '' ? '' : ` (${detail})`
}
