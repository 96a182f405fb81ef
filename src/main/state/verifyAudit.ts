import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import type { ChainSource, ChainVerdict } from '../audit/verifyChain.ts'
import { verifyChain } from '../audit/verifyChain.ts'
import { chainSource } from './auditRepository.ts'
import { SAFETY_TABLES } from './auditRows.ts'
import type { AuditTables } from './chainWriter.ts'
import { databaseError, explainDatabaseError } from './databaseErrors.ts'
import type { KeyGenerations } from './keptSecrets.ts'
import { createKeyGenerations } from './keyGenerations.ts'
import { APPLICATION_ID } from './migrate.ts'
import { SECRET_TABLES, secretChainSource } from './secretAuditRows.ts'

export interface AuditVerdicts {
  readonly safety: ChainVerdict
  readonly secrets: ChainVerdict
}

type KeyOf = (generations: Pick<KeyGenerations, 'all'>) => Promise<Buffer | null>

/** Verifies the audits of a room that is closed; its database is only read. Throws an AppError where there is none to read. */
export async function verifyAudits(databaseFile: string, key: Buffer | null | KeyOf): Promise<AuditVerdicts> {
  if (!existsSync(databaseFile)) throw databaseError('unusable', databaseFile, 'there is none')
  let database: Database.Database | null = null
  try {
    database = new Database(databaseFile, { readonly: true, timeout: 2_000 })
    if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw databaseError('foreign', databaseFile, 'its header says so')
    const own = typeof key === 'function' ? await key(isFrom(database, FIRST_WITH.secrets) ? createKeyGenerations({ durable: database }) : { all: async () => [] }) : key
    return {
      safety: await verdictOf(database, SAFETY_TABLES, FIRST_WITH.safety, chainSource, own),
      secrets: await verdictOf(database, SECRET_TABLES, FIRST_WITH.secrets, secretChainSource, own),
    }
  } catch (problem) {
    const isMissingSomething = (problem as { code?: unknown } | null)?.code === 'SQLITE_ERROR'
    throw isMissingSomething ? databaseError('corrupt', databaseFile, (problem as Error).message) : explainDatabaseError(problem, databaseFile)
  } finally {
    database?.close()
  }
}

/** One from before there was such an audit has no records. */
async function verdictOf(database: Database.Database, { audit, records }: AuditTables, first: number, source: (database: Database.Database) => ChainSource, key: Buffer | null): Promise<ChainVerdict> {
  const isThere = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(records) !== undefined
  if (!isThere && !isFrom(database, first)) return { records: 0, firstBad: null, isSealChecked: false }
  return verifyChain(source(database), audit, key)
}

function isFrom(database: Database.Database, version: number): boolean {
  return (database.pragma('user_version', { simple: true }) as number) >= version
}

const FIRST_WITH = { safety: 3, secrets: 5 }
