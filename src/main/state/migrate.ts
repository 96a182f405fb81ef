import type { Database } from 'better-sqlite3'
import type { Millis } from '../../shared/domain/units.ts'
import { AppError, messageOf } from '../../shared/errors.ts'
import { backUp } from './backups.ts'
import { databaseError, explainDatabaseError } from './databaseErrors.ts'
import type { Migration } from './migrations/migration.ts'

/** `ICCR`, in the header of our databases: a file without it is somebody else's. */
export const APPLICATION_ID = 0x49434352

export interface MigrationPlan {
  readonly database: Database
  readonly file: string
  readonly dataFolder: string
  readonly migrations: readonly Migration[]
  readonly now: Millis
}

/** Brings a database to the version of this program, step by step; gives the backup it took, or null when there was nothing to lose. */
export function migrate({ database, file, dataFolder, migrations, now }: MigrationPlan): string | null {
  const version = readVersion(database)
  const steps = migrations.slice(version)
  if (steps.length === 0) return null

  const backup = version === 0 ? null : backUp(database, dataFolder, version, now)
  // A step may rebuild a table that others refer to; what they refer to is checked at its end.
  database.pragma('foreign_keys = OFF')
  for (const step of steps) {
    try {
      database.transaction(() => runStep(database, step)).exclusive()
    } catch (problem) {
      throw migrationError(problem, file, step, backup)
    }
  }
  database.pragma('foreign_keys = ON')
  return backup
}

function readVersion(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number
}

function runStep(database: Database, step: Migration): void {
  const version = readVersion(database)
  if (version !== step.version - 1) throw new Error(`expected version ${step.version - 1}, found ${version}`)
  step.up(database)
  const broken = database.pragma('foreign_key_check') as unknown[]
  if (broken.length > 0) throw new Error(`${broken.length} rows refer to rows that are gone`)
  database.pragma(`application_id = ${APPLICATION_ID}`)
  database.pragma(`user_version = ${step.version}`)
}

function migrationError(problem: unknown, file: string, step: Migration, backup: string | null): AppError {
  const explained = explainDatabaseError(problem, file)
  if (explained instanceof AppError) return explained
  const detail = messageOf(problem)
  const kept = backup === null ? '' : ` A copy from before lies in ${backup}.`
  return new AppError(
    'UNAVAILABLE',
    `The database ${file} could not be brought to version ${step.version} (${step.name}: ${detail}) and stays at version ${step.version - 1}: ` +
      `go on with the version of the control room that wrote it, and report this.${kept}`,
    { problem: 'migration', file, version: step.version, backup },
  )
}

export function refuseNewer(database: Database, file: string, migrations: readonly Migration[]): void {
  const version = readVersion(database)
  if (version <= migrations.length) return
  throw databaseError('newer', file, `version ${version}; this one knows up to ${migrations.length}`)
}
