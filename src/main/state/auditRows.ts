import type { SafetyRecord } from '../../shared/domain/safety.ts'
import type { ChainFields } from '../audit/chain.ts'
import type { ChainLink } from '../audit/verifyChain.ts'
import type { AuditTables } from './chainWriter.ts'

/** The name by which the safety audit's seal is told from any other's. */
export const SAFETY_AUDIT = 'safety'

export const SAFETY_TABLES: AuditTables = {
  audit: SAFETY_AUDIT,
  records: 'pii_audit',
  head: 'pii_audit_head',
  place: 'place',
  hash: 'hash',
  trace: `SELECT 1 FROM events WHERE name = 'safety.recorded' LIMIT 1`,
}

export interface AuditRow {
  place: number
  id: string
  at: number
  kind: SafetyRecord['kind']
  type: string
  severity: SafetyRecord['severity']
  agent_id: string | null
  call_id: string | null
  direction: SafetyRecord['direction']
  location: string
  action: SafetyRecord['action']
  value_hash: string
  preview: string
  has_original: 0 | 1
  about: string | null
  actor: string | null
  reason: string | null
  times: number
  hash: string
}

/** As it is bound, and as SQLite gives it back: a text that is no proper Unicode would come back as another one. */
export function toRow(record: SafetyRecord, place: number): Omit<AuditRow, 'hash'> {
  const proper = <T extends string | null>(text: T): T => (text === null ? text : (text.toWellFormed() as T))
  return {
    place,
    id: record.id,
    at: record.at,
    kind: record.kind,
    type: proper(record.type),
    severity: record.severity,
    agent_id: record.agentId,
    call_id: record.callId,
    direction: record.direction,
    location: proper(record.place),
    action: record.action,
    value_hash: record.valueHash,
    preview: proper(record.preview),
    has_original: record.hasOriginal ? 1 : 0,
    about: record.about,
    actor: proper(record.actor),
    reason: proper(record.reason),
    times: record.times ?? 1,
  }
}

export function toRecord(row: AuditRow): SafetyRecord {
  return {
    id: row.id,
    at: row.at,
    kind: row.kind,
    agentId: row.agent_id,
    callId: row.call_id,
    type: row.type,
    severity: row.severity,
    direction: row.direction,
    place: row.location,
    action: row.action,
    valueHash: row.value_hash,
    preview: row.preview,
    hasOriginal: row.has_original === 1,
    about: row.about,
    actor: row.actor,
    reason: row.reason,
    ...(row.times === 1 ? {} : { times: row.times }),
  }
}

export function toFields(row: Omit<AuditRow, 'hash'>): ChainFields {
  return { ...row }
}

export function toLink({ hash, ...fields }: AuditRow): ChainLink {
  return { place: fields.place, hash, fields }
}
