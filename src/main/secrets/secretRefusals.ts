import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { SecretId, SecretName } from '../../shared/domain/secret.ts'
import { requesterOf } from './requester.ts'
import type { AgentRun } from './secretPolicy.ts'
import type { SecretStore } from './secretStore.ts'

/** Writes down each secret command that the router refuses for want of a right. */
export function secretRefusals(store: Pick<SecretStore, 'find' | 'note'>, runOf: (agentId: AgentId) => AgentRun | null) {
  return async (name: string, input: unknown, caller: Caller): Promise<void> => {
    if (!name.startsWith('secret.')) return
    await store.note(await nameIn(store, input), 'DENY', requesterOf(caller, runOf), `"${name}" is not for the role ${caller.role}.`)
  }
}

/** Of which secret it was, where that can be told: the input has not been looked at by anybody yet. */
async function nameIn(store: Pick<SecretStore, 'find'>, input: unknown): Promise<string> {
  const { secretId, name } = (typeof input === 'object' && input !== null ? input : {}) as { secretId?: unknown; name?: unknown }
  const id = SecretId.safeParse(secretId)
  if (id.success) return (await store.find(id.data).catch(() => null))?.name ?? id.data
  const given = SecretName.safeParse(name)
  return given.success ? given.data : '*'
}
