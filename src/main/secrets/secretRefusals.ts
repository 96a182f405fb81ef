import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { SecretId, SecretName } from '../../shared/domain/secret.ts'
import { NOBODY, requesterOf } from './requester.ts'
import type { AgentRun } from './secretPolicy.ts'
import type { SecretStore } from './secretStore.ts'

export interface SecretRefusals {
  /** What the router refuses for want of a right. */
  ofCaller(name: string, input: unknown, caller: Caller): Promise<void>
  /** What a door refuses because it does not know who asks. */
  ofStranger(name: string, input: unknown, sentence: string): Promise<void>
}

/** Writes down each secret command that is refused before it reaches the store. */
export function secretRefusals(store: Pick<SecretStore, 'find' | 'note'>, runOf: (agentId: AgentId) => AgentRun | null): SecretRefusals {
  return {
    async ofCaller(name, input, caller) {
      if (!name.startsWith('secret.')) return
      await store.note(await nameIn(store, input), 'DENY', requesterOf(caller, runOf), `"${name}" is not for the role ${caller.role}.`)
    },
    async ofStranger(name, input, sentence) {
      if (!name.startsWith('secret.')) return
      await store.note(await nameIn(store, input), 'DENY', NOBODY, `"${name}": ${sentence}`)
    },
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
