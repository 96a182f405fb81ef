import type { Event } from '../../shared/domain/event.ts'
import type { JsonValue } from '../../shared/errors.ts'
import type { EventBus, Unsubscribe } from '../events/bus.ts'
import type { Log } from './log.ts'

/** Writes every event down as a log entry. */
export function logEvents(bus: EventBus, log: Log): Unsubscribe {
  return bus.listen((events) => {
    for (const event of events) {
      log.write({ level: event.severity, event: event.name, msg: event.message, agentId: event.agentId, fields: { seq: event.seq, ...fieldsOf(event) } })
    }
  })
}

/**
 * An agent's plan stays out of the log: it carries the variables of its environment, and its last output may say anything.
 * So do a call's receipts, for their length: there are many calls, and the database has them.
 */
function fieldsOf(event: Event): Record<string, JsonValue> {
  if (event.name === 'agent.changed') {
    const { status, reason, pid, restarts, exit, survivors } = event.payload.agent
    return { status, reason, pid, restarts, exit, survivors }
  }
  if (event.name === 'llm.callFinished') {
    const { id: callId, provider, endpoint, model, outcome, refusal, status, durationMs, attempts, usage, cost } = event.payload.call
    return { callId, provider, endpoint, model, outcome, refusal, status, durationMs, attempts: attempts.length, usage, cost }
  }
  if (event.name === 'log.written') return event.payload.fields
  return event.payload
}
