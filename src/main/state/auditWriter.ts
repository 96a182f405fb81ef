import type { Database } from 'better-sqlite3'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import { SAFETY_TABLES, toFields, toRow, type AuditRow } from './auditRows.ts'
import { createChainWriter, type AuditFound } from './chainWriter.ts'

export interface AuditWriter {
  /** Within the transaction of the record's event. */
  add(record: SafetyRecord): void
  /** What was added in a transaction did not come to be. */
  rolledBack(): void
  /** With a key that is there from now on. */
  sealWith(key: Buffer): void
  /** What the head said of the audit when it was opened, or when its key came. */
  readonly found: AuditFound
}

/** Appends to the safety audit. */
export function createAuditWriter(database: Database, key: Buffer | null): AuditWriter {
  const insert = database.prepare<[AuditRow]>(INSERT)
  const chain = createChainWriter(database, SAFETY_TABLES, key)
  return {
    get found() {
      return chain.found
    },
    sealWith: (later) => chain.sealWith(later),
    add(record) {
      const row = toRow(record, 0)
      chain.append(
        (place) => toFields({ ...row, place }),
        (place, hash) => insert.run({ ...row, place, hash }),
      )
    },
    rolledBack: () => chain.lookAgain(),
  }
}

const INSERT = `
  INSERT INTO pii_audit VALUES (@place, @id, @at, @kind, @type, @severity, @agent_id, @call_id, @direction, @location, @action, @value_hash, @preview,
    @has_original, @about, @actor, @reason, @times, @hash)`
