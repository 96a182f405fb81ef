import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import type { ChainVerdict } from '../audit/verifyChain.ts'
import { verifyChain } from '../audit/verifyChain.ts'
import { chainSource } from './auditRepository.ts'
import { SAFETY_AUDIT } from './auditRows.ts'
import { databaseError, explainDatabaseError } from './databaseErrors.ts'
import { APPLICATION_ID } from './migrate.ts'

/** Verifies the safety audit of a room that is closed; its database is only read. Throws an AppError where there is none to read. */
export async function verifyAudit(databaseFile: string, key: Buffer | null): Promise<ChainVerdict> {
  if (!existsSync(databaseFile)) throw databaseError('unusable', databaseFile, 'there is none')
  let database: Database.Database | null = null
  try {
    database = new Database(databaseFile, { readonly: true, timeout: 2_000 })
    if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw databaseError('foreign', databaseFile, 'its header says so')
    const isThere = database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'pii_audit'`).get() !== undefined
    // One from before there was an audit has no records.
    if (!isThere && (database.pragma('user_version', { simple: true }) as number) < FIRST_WITH_AUDIT) return { records: 0, firstBad: null, isSealChecked: false }
    return await verifyChain(chainSource(database), SAFETY_AUDIT, key)
  } catch (problem) {
    const isMissingSomething = (problem as { code?: unknown } | null)?.code === 'SQLITE_ERROR'
    throw isMissingSomething ? databaseError('corrupt', databaseFile, (problem as Error).message) : explainDatabaseError(problem, databaseFile)
  } finally {
    database?.close()
  }
}

const FIRST_WITH_AUDIT = 3
