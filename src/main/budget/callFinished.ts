import type { Announcement } from '../../shared/domain/event.ts'
import type { Call } from '../../shared/domain/llm.ts'
import { isBilledBeyond } from './sentences.ts'

/** The event with which a call's row and its charges are stored. */
export function callFinished(call: Call, message: string): Announcement<'llm.callFinished'> {
  const isFine = (call.outcome === 'answered' || call.outcome === 'cancelled') && !isBilledBeyond(call)
  return { name: 'llm.callFinished', agentId: call.agentId, severity: isFine ? 'INFO' : 'WARN', message, payload: { call } }
}
