import { AppError } from '../../../shared/errors.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { SCHEMA, type PostgresDatabase } from './database.ts'
import type { PostgresMigration } from './migrations/migration.ts'
import { postgresError } from './postgresErrors.ts'
import type { Sql } from './sql.ts'

/** Brings the schema to the version of this program, all steps or none; gives from which version, or null where there was nothing to do. */
export function migratePostgres({ where, write }: PostgresDatabase, migrations: readonly PostgresMigration[], now: Millis): Promise<number | null> {
  return write(async (sql) => {
    // Of two that start at once, the second finds it done.
    await sql.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${SCHEMA} migrations`])
    const version = await versionOf(sql, where)
    if (version > migrations.length) throw postgresError('newer', where, `version ${version}; this one knows up to ${migrations.length}`)
    for (const step of migrations.slice(version)) {
      await perform(step, sql, where)
      await sql.run('INSERT INTO schema_versions VALUES ($1, $2, $3)', [step.version, step.name, now])
    }
    return version === migrations.length ? null : version
  })
}

async function versionOf(sql: Sql, where: string): Promise<number> {
  const [found] = await sql.rows<{ schema: string | null; versions: string | null }>(
    `SELECT (SELECT nspname FROM pg_namespace WHERE nspname = $1) AS schema, to_regclass($1 || '.schema_versions')::text AS versions`,
    [SCHEMA],
  )
  if (found?.schema !== null && found?.versions === null) throw postgresError('foreign', where)
  if (found?.schema === null) {
    await sql.run(`CREATE SCHEMA ${SCHEMA}`)
    await sql.run('CREATE TABLE schema_versions (version bigint PRIMARY KEY, name text NOT NULL, at bigint NOT NULL)')
    return 0
  }
  const [last] = await sql.rows<{ version: number | null }>('SELECT max(version) AS version FROM schema_versions')
  return last?.version ?? 0
}

async function perform(step: PostgresMigration, sql: Sql, where: string): Promise<void> {
  try {
    await step.up(sql)
  } catch (problem) {
    const detail = problem instanceof Error ? problem.message : String(problem)
    throw new AppError(
      'UNAVAILABLE',
      `The database ${where} could not be brought to version ${step.version} (${step.name}: ${detail}) and stays as it is: go on with the version of the control room that wrote it, and report this.`,
      { problem: 'migration', database: where, version: step.version },
    )
  }
}
