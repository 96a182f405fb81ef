import type { Agent } from '../../shared/domain/agent.ts'
import { withPlanOfToday } from './oldPlans.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { AgentRepository, ProcessMark } from './repositories.ts'

interface MarkRow {
  agent_id: string
  run_token: string
  pid: number | null
  process_start: string | null
}

/** Marks wait for the disk: after a loss of power they are all we know of what ran. */
export function createAgentRepository({ fast, durable }: OpenDatabase): AgentRepository {
  const all = fast.prepare('SELECT payload FROM agents ORDER BY created_at DESC, id').pluck()
  const marks = fast.prepare<[], MarkRow>('SELECT * FROM process_marks ORDER BY agent_id')
  const saveMark = durable.prepare(`
    INSERT INTO process_marks VALUES (?, ?, ?, ?)
    ON CONFLICT (agent_id) DO UPDATE SET run_token = excluded.run_token, pid = excluded.pid, process_start = excluded.process_start`)
  const deleteMark = durable.prepare('DELETE FROM process_marks WHERE agent_id = ?')
  return {
    all: async () => (all.all() as string[]).map((payload) => (withPlanOfToday(JSON.parse(payload)) as { agent: Agent }).agent),
    saveMark: async ({ agentId, runToken, pid, processStart }) => {
      saveMark.run(agentId, runToken, pid, processStart)
    },
    marks: async () => marks.all().map(toMark),
    deleteMark: async (agentId) => {
      deleteMark.run(agentId)
    },
  }
}

function toMark(row: MarkRow): ProcessMark {
  return { agentId: row.agent_id, runToken: row.run_token, pid: row.pid, processStart: row.process_start }
}
