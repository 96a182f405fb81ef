import Database from 'better-sqlite3'
import type { Announcement } from '../../shared/domain/event.ts'
import type { RecordId, SafetyRecord } from '../../shared/domain/safety.ts'

/** Plainly invented records of the safety audit. */

export function recordId(number: number): RecordId {
  return `find-${number.toString(16).padStart(16, '0')}`
}

export function sampleRecord(changes: Partial<SafetyRecord> = {}): SafetyRecord {
  return {
    id: recordId(1),
    at: 1_000,
    kind: 'private',
    agentId: 'lg-7a3f9c2d',
    callId: 'call-000000000000abcd',
    type: 'email',
    severity: 'CRITICAL',
    direction: 'from-model',
    place: 'choices[0].message.content',
    action: 'redacted',
    valueHash: '5'.repeat(64),
    preview: 'Contact [EMAIL_REDACTED] for more',
    hasOriginal: false,
    about: null,
    actor: null,
    reason: null,
    ...changes,
  }
}

export function recordedEvent(...records: SafetyRecord[]): Announcement {
  return { name: 'safety.recorded', agentId: records[0]?.agentId ?? null, severity: 'WARN', message: 'Something invented was found.', payload: { records } }
}

/** What somebody does who has the file and knows SQLite: without our pragmas, and without the triggers where they are taken away. */
export function tamper(file: string, statements: string, triggers: 'kept' | 'dropped' = 'dropped'): void {
  const database = new Database(file)
  try {
    const names = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all() as string[]
    if (triggers === 'dropped') for (const name of names) database.exec(`DROP TRIGGER ${name}`)
    database.exec(statements)
  } finally {
    database.close()
  }
}
