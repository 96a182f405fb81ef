import type { AgentId } from '../../../shared/domain/agent.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Redactor } from '../../telemetry/log.ts'
import type { SafetyDesk } from '../desk/safetyDesk.ts'
import { scanOften } from './knownClean.ts'
import { withEdits } from './withEdits.ts'

/** For words that an agent sends over the bridge to be shown: judged by its rules, and in any case without what no sink may hold. */
export function createTextCheck(desk: Pick<SafetyDesk, 'scannerFor' | 'judge'>, redact: Redactor): (agentId: AgentId, place: string, text: string) => string {
  return (agentId, place, text) => {
    const matches = scanOften(desk.scannerFor(agentId), text)
    if (matches.length === 0) return redact(text)
    const { edits, blocked } = desk.judge({ agentId, callId: null, direction: 'tools', place, text, base: 0, matches })
    if (blocked !== null) throw new AppError('FORBIDDEN', blocked)
    return redact(withEdits(text, edits))
  }
}
