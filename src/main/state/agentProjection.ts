import type { Database } from 'better-sqlite3'
import type { Event, EventName } from '../../shared/domain/event.ts'

/** The live view of agents, kept in the very transaction of the event that changed it. */
export interface AgentProjection {
  concerns(name: EventName): boolean
  apply(event: Event, payload: string): void
}

export function createAgentProjection(database: Database): AgentProjection {
  const upsert = database.prepare(`
    INSERT INTO agents VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, payload = excluded.payload`)
  const remove = database.prepare('DELETE FROM agents WHERE id = ?')
  const removeCheckpoint = database.prepare('DELETE FROM checkpoints WHERE agent_id = ?')
  return {
    concerns: (name) => name === 'agent.changed' || name === 'agent.removed',
    apply(event, payload) {
      if (event.name === 'agent.changed') {
        const { agent } = event.payload
        upsert.run(agent.id, agent.createdAt, payload)
      } else if (event.name === 'agent.removed') {
        remove.run(event.agentId)
        removeCheckpoint.run(event.agentId)
      }
    },
  }
}
