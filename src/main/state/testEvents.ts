import type { Agent } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'

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
