import type { Agent } from '../../shared/domain/agent.ts'
import type { Announcement } from '../../shared/domain/event.ts'

/** Plainly invented agents and announcements. */

export function madeUpAgent(changes: Partial<Agent> = {}): Agent {
  return {
    id: 'sa-00000001',
    plan: {
      script: '/invented/sample_agent.py',
      name: 'sample_agent.py',
      command: ['/usr/bin/python3', 'sample_agent.py'],
      interpreter: 'python3',
      args: [],
      workingDirectory: '/invented',
      variables: { COLOUR: 'blue' },
      budget: 50_000_000_000,
      safetyMode: 'redact',
      environment: 'development',
      restart: 'on-failure',
      maxRestarts: 3,
      gracePeriodMs: 5_000,
      healthyAfterMs: 60_000,
    },
    status: 'running',
    reason: null,
    pid: 4711,
    createdAt: 1_000,
    startedAt: 1_000,
    endedAt: null,
    restartAt: null,
    restarts: 0,
    exit: null,
    survivors: null,
    lastOutput: [],
    ...changes,
  }
}

export function changed(agent: Agent): Announcement {
  return { name: 'agent.changed', agentId: agent.id, severity: 'INFO', message: `${agent.id} is ${agent.status}.`, payload: { agent } }
}

export function removed(agentId: string): Announcement {
  return { name: 'agent.removed', agentId, severity: 'INFO', message: `${agentId} is off the list.`, payload: {} }
}

export function note(message: string, agentId: string | null = null): Announcement {
  return { name: 'log.written', agentId, severity: 'INFO', message, payload: { fields: { message } } }
}
