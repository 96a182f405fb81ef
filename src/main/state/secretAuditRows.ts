import type { Database } from 'better-sqlite3'
import type { SecretAuditEntry, SecretOperation } from '../../shared/domain/secret.ts'
import type { ChainLink, ChainSource } from '../audit/verifyChain.ts'
import { chainSourceOf } from './chainSource.ts'
import type { AuditTables } from './chainWriter.ts'
import type { NewAuditEntry } from './keptSecrets.ts'

export const SECRET_TABLES: AuditTables = {
  audit: 'secrets',
  records: 'secret_audit_log',
  head: 'secret_audit_head',
  place: 'id',
  hash: 'chain_hash',
  // Whatever is kept came with a record.
  trace: 'SELECT 1 FROM secrets LIMIT 1',
}

export interface SecretAuditRow {
  id: number
  secret_name: string
  operation: SecretOperation
  requester_role: string
  requester: string
  agent_id: string | null
  success: 0 | 1
  error_message: string | null
  timestamp: string
  chain_hash: string
}

/** As it is bound, and as SQLite gives it back: a text that is no proper Unicode would come back as another one. */
export function toAuditRow(entry: NewAuditEntry, id: number): Omit<SecretAuditRow, 'chain_hash'> {
  return {
    id,
    secret_name: entry.secret_name.toWellFormed(),
    operation: entry.operation,
    requester_role: entry.requester_role.toWellFormed(),
    requester: entry.requester.toWellFormed(),
    agent_id: entry.agent_id,
    success: entry.success ? 1 : 0,
    error_message: entry.error_message?.toWellFormed() ?? null,
    timestamp: new Date(entry.at).toISOString(),
  }
}

export function toAuditEntry({ chain_hash: _hash, success, ...row }: SecretAuditRow): SecretAuditEntry {
  return { ...row, success: success === 1 }
}

/** The audit of secrets as it stands in a database, for whoever verifies it. */
export function secretChainSource(database: Database): ChainSource {
  return chainSourceOf<SecretAuditRow>(database, SECRET_TABLES, toLink)
}

export function toLink({ chain_hash: hash, ...fields }: SecretAuditRow): ChainLink {
  return { place: fields.id, hash, fields }
}
