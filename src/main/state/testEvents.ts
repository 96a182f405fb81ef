import type { Agent } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import type { Call } from '../../shared/domain/llm.ts'

/** Plainly invented announcements. */

export function changed(agent: Agent): Announcement {
  return { name: 'agent.changed', agentId: agent.id, severity: 'INFO', message: `${agent.id} is ${agent.status}.`, payload: { agent } }
}

export function removed(agentId: string): Announcement {
  return { name: 'agent.removed', agentId, severity: 'INFO', message: `${agentId} is off the list.`, payload: {} }
}

export function note(message: string, agentId: string | null = null): Announcement {
  return { name: 'log.written', agentId, severity: 'INFO', message, payload: { fields: { message } } }
}

export function finished(call: Call): Announcement {
  const { agentId, outcome } = call
  return { name: 'llm.callFinished', agentId, severity: 'INFO', message: `A call to ${call.model} was ${outcome}.`, payload: { call } }
}
