import type { OpenDatabase } from './openDatabase.ts'
import type { LaunchPlanRepository } from './repositories.ts'
import { wiping } from './wiping.ts'

interface Row {
  agent_id: string
  sealed: Buffer | null
}

export function createLaunchPlanRepository({ fast }: OpenDatabase): LaunchPlanRepository {
  const save = fast.prepare('INSERT INTO launch_plans VALUES (?, ?) ON CONFLICT (agent_id) DO UPDATE SET sealed = excluded.sealed')
  const all = fast.prepare<[], Row>('SELECT * FROM launch_plans')
  const forgetStrays = fast.prepare('DELETE FROM launch_plans WHERE agent_id NOT IN (SELECT id FROM agents)')
  const replaceAgent = fast.prepare('UPDATE agents SET payload = ? WHERE id = ?')
  const replaceAll = fast.transaction((agents: Parameters<LaunchPlanRepository['replace']>[0]) => {
    for (const { agent, sealed } of agents) {
      if (sealed !== undefined) save.run(agent.id, sealed)
      replaceAgent.run(JSON.stringify({ agent }), agent.id)
    }
  })
  return {
    save: async (agentId, sealed) => {
      save.run(agentId, sealed)
    },
    forgetStrays: async () => {
      forgetStrays.run()
    },
    all: async () => new Map(all.all().map(({ agent_id, sealed }) => [agent_id, sealed])),
    replace: async (agents) => wiping(fast, () => replaceAll.immediate(agents)),
  }
}
