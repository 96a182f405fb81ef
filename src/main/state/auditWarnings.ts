import type { Log } from '../telemetry/log.ts'
import type { AuditFound } from './chainWriter.ts'

/** Says in the log what was found wrong with an audit when it was opened, or when its key came. */
export function warnOfAudit(audit: 'safety' | 'secrets', { is }: AuditFound, log: Log | undefined): void {
  const which = audit === 'safety' ? 'The safety audit' : 'The audit of secrets'
  if (is === 'broken') {
    log?.write({ level: 'ERROR', event: 'audit.broken', msg: `${which} does not end where it should: verify it to see which record is the first bad one.` })
  }
  if (is === 'locked') {
    log?.write({ level: 'WARN', event: 'audit.locked', msg: `${which} was sealed with a master key that is not there now: what is added meanwhile has no seal.` })
  }
}
