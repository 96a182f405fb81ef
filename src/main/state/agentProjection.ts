import type { Database } from 'better-sqlite3'
import type { Projections } from './projections.ts'

/** The live view of agents. What an agent was charged outlives it: the ledger and its calls are the bill. */
export function createAgentProjection(database: Database): Projections<'agent.changed' | 'agent.removed'> {
  const upsert = database.prepare(`
    INSERT INTO agents VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, payload = excluded.payload`)
  const remove = database.prepare('DELETE FROM agents WHERE id = ?')
  const removeCheckpoint = database.prepare('DELETE FROM checkpoints WHERE agent_id = ?')
  const removeLaunchPlan = database.prepare('DELETE FROM launch_plans WHERE agent_id = ?')
  const removeRules = database.prepare('DELETE FROM safety_rules WHERE agent_id = ?')
  const removeAllowances = database.prepare('DELETE FROM safety_allowances WHERE agent_id = ?')
  return {
    'agent.changed': ({ payload: { agent } }, payload) => {
      upsert.run(agent.id, agent.createdAt, payload)
    },
    'agent.removed': ({ agentId }) => {
      remove.run(agentId)
      removeCheckpoint.run(agentId)
      removeLaunchPlan.run(agentId)
      removeRules.run(agentId)
      removeAllowances.run(agentId)
    },
  }
}
