import type { Agent, AgentId } from '../../../shared/domain/agent.ts'
import type { JsonValue } from '../../../shared/errors.ts'
import { toMark, type MarkRow } from '../alertRepository.ts'
import { columnsOf } from '../checkpointRepository.ts'
import { withPlanOfToday } from '../oldPlans.ts'
import type { AgentRepository, AlertRepository, CheckpointRepository, LaunchPlanRepository } from '../repositories.ts'
import type { PostgresDatabase } from './database.ts'

export function createPostgresAgents({ read, isShared }: PostgresDatabase, instance: string | null): Pick<AgentRepository, 'all'> {
  const ALL = `SELECT payload FROM agents ${isShared ? 'WHERE instance = $1' : ''} ORDER BY created_at DESC, id`
  return {
    all: async () => (await read.rows<{ payload: string }>(ALL, isShared ? [instance] : [])).map(toAgent),
  }
}

export function toAgent({ payload }: { readonly payload: string }): Agent {
  return (withPlanOfToday(JSON.parse(payload)) as { agent: Agent }).agent
}

/** No version has written documents here that it had not looked through: there is nothing to be replaced. */
export function createPostgresCheckpoints({ read, write }: PostgresDatabase): CheckpointRepository {
  return {
    save: async (agentId, kept, at) => {
      await write((sql) =>
        sql.run(
          `INSERT INTO checkpoints (agent_id, document, sealed, saved_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (agent_id) DO UPDATE SET document = excluded.document, sealed = excluded.sealed, saved_at = excluded.saved_at`,
          [agentId, ...columnsOf(kept), at],
        ),
      )
    },
    load: async (agentId) => {
      const [row] = await read.rows<{ document: string; sealed: Buffer | null; saved_at: number }>('SELECT document, sealed, saved_at FROM checkpoints WHERE agent_id = $1', [agentId])
      if (!row) return null
      return { kept: row.sealed === null ? { document: JSON.parse(row.document) as JsonValue } : { sealed: row.sealed }, savedAt: row.saved_at }
    },
    unlooked: async () => [],
    replace: async (agentId, kept) => {
      await write((sql) => sql.run('UPDATE checkpoints SET document = $1, sealed = $2 WHERE agent_id = $3', [...columnsOf(kept), agentId]))
    },
  }
}

export function createPostgresLaunchPlans({ read, write, isShared }: PostgresDatabase): LaunchPlanRepository {
  const SAVE = 'INSERT INTO launch_plans VALUES ($1, $2) ON CONFLICT (agent_id) DO UPDATE SET sealed = excluded.sealed'
  return {
    save: async (agentId, sealed) => {
      await write((sql) => sql.run(SAVE, [agentId, sealed]))
    },
    forgetStrays: async () => {
      // What looks like one may be a newborn's of another instance.
      if (isShared) return
      await write((sql) => sql.run('DELETE FROM launch_plans WHERE agent_id NOT IN (SELECT id FROM agents)'))
    },
    all: async () => {
      const rows = await read.rows<{ agent_id: AgentId; sealed: Buffer | null }>('SELECT agent_id, sealed FROM launch_plans ORDER BY agent_id')
      return new Map(rows.map(({ agent_id, sealed }) => [agent_id, sealed]))
    },
    replace: (agents) =>
      write(async (sql) => {
        for (const { agent, sealed } of agents) {
          if (sealed !== undefined) await sql.run(SAVE, [agent.id, sealed])
          await sql.run('UPDATE agents SET payload = $1 WHERE id = $2', [JSON.stringify({ agent }), agent.id])
        }
      }),
  }
}

export function createPostgresAlerts({ read, write, isShared }: PostgresDatabase, instance: string | null): AlertRepository {
  return {
    claim: async ({ agentId, raises, threshold, channel }, at) =>
      (await write((sql) =>
        sql.run('INSERT INTO alerts (agent_id, raises, threshold, channel, claimed_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [agentId, raises, threshold, channel, at]),
      )) === 1,
    settle: async ({ agentId, raises, threshold, channel }, outcome, attempts, at) => {
      const changes = await write((sql) =>
        sql.run(
          `UPDATE alerts SET outcome = $1, attempts = $2, settled_at = $3
           WHERE agent_id = $4 AND raises = $5 AND threshold = $6 AND channel = $7 AND outcome IS NULL`,
          [outcome, attempts, at, agentId, raises, threshold, channel],
        ),
      )
      if (changes !== 1) throw new Error(`The ${channel} alert about ${threshold} % of ${agentId} is not claimed, or settled already.`)
    },
    unsettled: async () => {
      const own = isShared ? 'AND agent_id IN (SELECT id FROM agents WHERE instance = $1)' : ''
      const rows = await read.rows<MarkRow>(
        `SELECT agent_id, raises, threshold, channel FROM alerts WHERE outcome IS NULL ${own} ORDER BY claimed_at, agent_id, raises, threshold, channel`,
        isShared ? [instance] : [],
      )
      return rows.map(toMark)
    },
  }
}
