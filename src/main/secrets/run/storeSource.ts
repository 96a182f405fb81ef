import type { Agent } from '../../../shared/domain/agent.ts'
import type { StoredSecret } from '../../state/keptSecrets.ts'
import { agentRequester, THE_ROOM } from '../requester.ts'
import type { AgentRun } from '../secretPolicy.ts'
import type { SecretStore } from '../secretStore.ts'
import type { SecretSource } from './createRunSecrets.ts'

/** The store as runs see it. */
export function storeSource(store: Pick<SecretStore, 'openForRun' | 'note' | 'rollback'>, rotate: (secret: StoredSecret) => Promise<unknown>): SecretSource {
  return {
    async open(agent, names) {
      const run = runOf(agent, names)
      const opened = await store.openForRun({ ...agentRequester(agent.id, run), run })
      return opened.map(({ secret: { id, name, version, delivery, hosts }, value }) => ({ id, name, value, version, delivery, hosts }))
    },
    async noteRead(agent, names) {
      for (const name of names) await store.note(name, 'READ', agentRequester(agent.id, runOf(agent, agent.plan.secrets)), null)
    },
    rollBack: async (id, version) => rotate(await store.rollback(id, version, THE_ROOM)),
  }
}

export function runOf({ plan }: Pick<Agent, 'plan'>, names: readonly string[] | null = plan.secrets): AgentRun {
  return { environment: plan.environment, names, isSealed: plan.sealSecrets }
}
