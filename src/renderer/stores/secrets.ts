import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef } from 'vue'
import type { CommandInput, CommandOutput } from '../../shared/contract/contract.ts'
import type { AgentId, Environment } from '../../shared/domain/agent.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { RotationOutcome, SecretId, SecretView } from '../../shared/domain/secret.ts'
import { saveText } from '@/lib/saveText.ts'
import { useRoomConnection } from '@/room/connection.ts'
import type { FeedView } from '@/room/eventFeed.ts'
import { useNoticesStore } from './notices.ts'
import { createProjection } from './projection.ts'
import { useUndoStore } from './undo.ts'

export type Secrets = ReadonlyMap<SecretId, SecretView>
export type NewSecret = CommandInput<'secret.create'>
export type SecretVersion = CommandOutput<'secret.versions'>['versions'][number]
export type SecretAuditPage = CommandOutput<'secret.audit'>
export type SecretImport = CommandInput<'secret.import'>
export type SecretImported = CommandOutput<'secret.import'>
export type SecretExport = CommandInput<'secret.export'>

/** How running agents take a new value. */
export interface Rotation {
  readonly at: number
  readonly version: number
  /** Null for one that has not been reached yet. */
  readonly agents: readonly { readonly agentId: AgentId; readonly outcome: RotationOutcome | null }[]
}

/** Null where the event is about no rotation that is under way. */
function rotationAfter(before: Rotation | undefined, event: Event): Rotation | null {
  if (event.name === 'secret.rotating') return { at: event.at, version: event.payload.version, agents: event.payload.agentIds.map((agentId) => ({ agentId, outcome: null })) }
  if (event.name === 'secret.rotated') return { at: event.at, version: event.payload.version, agents: event.payload.agents }
  if (event.name !== 'secret.reachedAgent' || before?.version !== event.payload.version) return null
  const { outcome } = event.payload
  return { ...before, agents: before.agents.map((one) => (one.agentId === event.agentId ? { ...one, outcome } : one)) }
}

export interface SecretFilter {
  readonly environment: Environment | null
  readonly isDeleted: boolean
}

const ENVIRONMENT_ORDER: Readonly<Record<Environment, number>> = { production: 0, staging: 1, development: 2 }

function applySecretEvent(secrets: Secrets, event: Event): Secrets {
  return event.name === 'secret.changed' ? new Map(secrets).set(event.payload.secret.id, event.payload.secret) : secrets
}

/** The same name in all its environments stands together. */
export function inOrder(secrets: Iterable<SecretView>): SecretView[] {
  return [...secrets].sort((a, b) => a.name.localeCompare(b.name, 'en') || ENVIRONMENT_ORDER[a.environment] - ENVIRONMENT_ORDER[b.environment] || a.created_at.localeCompare(b.created_at))
}

/** What agents need to know and nobody else: masked. A value that is shown passes through here and stays nowhere. */
export const useSecretsStore = defineStore('secrets', () => {
  const { client } = useRoomConnection()
  const notices = useNoticesStore()
  const undo = useUndoStore()

  const view = createProjection<Secrets>({
    empty: new Map(),
    fetch: async () => {
      // What changes between the two is told by events after the earlier place.
      const [kept, deleted] = await Promise.all([client.request('secret.list', {}), client.request('secret.list', { deleted: true })])
      return { seq: Math.min(kept.seq, deleted.seq), state: new Map([...deleted.secrets, ...kept.secrets].map((secret) => [secret.id, secret])) }
    },
    apply: applySecretEvent,
  })

  const filter = shallowRef<SecretFilter>({ environment: null, isDeleted: false })
  const rotations = shallowRef<ReadonlyMap<SecretId, Rotation>>(new Map())
  /** Counts what happened to secrets, for whoever shows what only the room can tell. */
  const changes = shallowRef(0)
  const restoring = shallowRef<ReadonlySet<SecretId>>(new Set())

  const rows = computed(() => {
    const { environment, isDeleted } = filter.value
    return inOrder(view.state.value.values()).filter((secret) => (secret.deleted_at !== null) === isDeleted && (environment === null || secret.environment === environment))
  })
  const count = computed(() => [...view.state.value.values()].filter(({ deleted_at: at }) => at === null).length)
  const deletedCount = computed(() => view.state.value.size - count.value)

  function receive(events: readonly Event[]): void {
    view.receive(events)
    for (const event of events) {
      if (event.name === 'secret.changed') changes.value += 1
      if (event.name !== 'secret.rotating' && event.name !== 'secret.reachedAgent' && event.name !== 'secret.rotated') continue
      const { secretId } = event.payload
      const after = rotationAfter(rotations.value.get(secretId), event)
      if (after) rotations.value = new Map(rotations.value).set(secretId, after)
    }
  }

  async function restore(secretId: SecretId): Promise<void> {
    if (restoring.value.has(secretId)) return
    restoring.value = new Set(restoring.value).add(secretId)
    try {
      await client.request('secret.restore', { secretId })
    } catch (problem) {
      notices.fail(problem)
    } finally {
      restoring.value = new Set([...restoring.value].filter((id) => id !== secretId))
    }
  }

  async function remove(secretId: SecretId): Promise<void> {
    const name = view.state.value.get(secretId)?.name ?? 'The secret'
    await client.request('secret.delete', { secretId })
    undo.offer({ sentence: `${name} was deleted.`, undo: () => restore(secretId) })
  }

  /** Hands it to whoever asked and keeps nothing of it. */
  async function reveal(secretId: SecretId): Promise<string> {
    const { value } = await client.request('secret.get', { secretId, reveal: true })
    return value
  }

  /** Straight into a file. */
  async function exportAll(wanted: SecretExport): Promise<void> {
    const { text } = await client.request('secret.export', wanted)
    if (wanted.format === 'env') saveText(`${wanted.environment}.env`, 'text/plain;charset=utf-8', text)
    else saveText(`${wanted.environment}.json`, 'application/json;charset=utf-8', text)
  }

  /** Straight into a file; no value stands in it. */
  async function exportAudit(format: 'csv' | 'jsonl', name: string | null): Promise<void> {
    const wanted = name === null ? {} : { secret_name: name }
    if (format === 'csv') saveText('secrets-audit.csv', 'text/csv;charset=utf-8', await client.request('secret.auditCsv', wanted))
    else saveText('secrets-audit.jsonl', 'application/x-ndjson;charset=utf-8', await client.request('secret.auditJsonLines', wanted))
  }

  return {
    view: markRaw<FeedView>({ ...view, receive }),
    isLoaded: view.isLoaded,
    secrets: view.state,
    filter,
    rows,
    count,
    deletedCount,
    rotations,
    changes,
    restoring,
    choose: (chosen: SecretFilter) => {
      filter.value = chosen
    },
    restore,
    reveal,
    exportAll,
    exportAudit,
    create: (secret: NewSecret) => client.request('secret.create', secret),
    update: (secretId: SecretId, value: string, probe: boolean) => client.request('secret.update', { secretId, value, probe }),
    remove,
    rollBack: (secretId: SecretId, version: number) => client.request('secret.rollback', { secretId, version }),
    importAll: (given: SecretImport) => client.request('secret.import', given),
    versions: async (secretId: SecretId): Promise<readonly SecretVersion[]> => (await client.request('secret.versions', { secretId })).versions,
    audit: (name: string | null, before: number | null): Promise<SecretAuditPage> =>
      client.request('secret.audit', { ...(name === null ? {} : { secret_name: name }), ...(before === null ? {} : { before }), limit: 100 }),
  }
})
