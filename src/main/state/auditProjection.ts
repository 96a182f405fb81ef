import type { AuditWriter } from './auditWriter.ts'
import type { Projections } from './projections.ts'

/** Records stand in the audit since the very moment of the event that tells of them. */
export function createAuditProjection(audit: AuditWriter): Projections<'safety.recorded'> {
  return {
    'safety.recorded': ({ payload: { records } }) => {
      for (const record of records) audit.add(record)
    },
  }
}
