import pg from 'pg'
import { toGeneration, type GenerationRow } from '../keyGenerations.ts'
import type { KeyGeneration } from '../keptSecrets.ts'
import { configOf, OWNER_LOCK, requireNewEnough, SCHEMA, whereOf } from './database.ts'
import { migrations } from './migrations/all.ts'
import { explainPostgresError, postgresError } from './postgresErrors.ts'

/** Somebody looks on. */
const PATIENCE_MS = 3_000

export interface ExaminedPostgres {
  readonly where: string
  /** Whether a room has been here. */
  readonly isThere: boolean
  readonly isInUse: boolean
}

/** Says what is wrong with the database, as opening it would, and leaves it as it is; also while a room has it open. */
export function examinePostgres(url: string): Promise<ExaminedPostgres> {
  return looking(url, examine)
}

/** None where no room has been. */
export function generationsInPostgres(url: string): Promise<KeyGeneration[]> {
  return looking(url, async (client, where) => {
    const { isThere } = await examine(client, where)
    if (!isThere) return []
    return (await client.query<GenerationRow>(`SELECT * FROM ${SCHEMA}.master_keys ORDER BY generation`)).rows.map(toGeneration)
  })
}

async function looking<R>(url: string, action: (client: pg.Client, where: string) => Promise<R>): Promise<R> {
  const config = configOf(url, PATIENCE_MS, 'iron_cage doctor')
  const where = whereOf(config)
  const client = new pg.Client(config)
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SET default_transaction_read_only TO on')
    return await action(client, where)
  } catch (problem) {
    throw explainPostgresError(problem, where)
  } finally {
    await client.end().catch(() => {})
  }
}

async function examine(client: pg.Client, where: string): Promise<ExaminedPostgres> {
  await requireNewEnough(client, where)
  const { rows } = await client.query<{ schema: string | null; versions: string | null; lock: boolean }>(LOOK, [SCHEMA, OWNER_LOCK])
  const [found] = rows
  if (found === undefined || found.schema === null) return { where, isThere: false, isInUse: false }
  if (found.versions === null) throw postgresError('foreign', where)
  const version = (await client.query<{ version: number | null }>(`SELECT max(version) AS version FROM ${SCHEMA}.schema_versions`)).rows[0]?.version ?? 0
  if (version > migrations.length) throw postgresError('newer', where, `version ${version}; this one knows up to ${migrations.length}`)
  return { where, isThere: true, isInUse: found.lock }
}

const LOOK = `
  SELECT (SELECT nspname::text FROM pg_namespace WHERE nspname = $1::text) AS schema, to_regclass($1::text || '.schema_versions')::text AS versions,
    EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
      WHERE locktype = 'advisory' AND granted AND objid = $2::bigint::oid AND classid = 0 AND datname = current_database()) AS lock`
