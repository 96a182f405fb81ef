import type { AgentId } from '../../shared/domain/agent.ts'
import type { Caller } from '../../shared/domain/roles.ts'
import { LARGEST_SECRET_BYTES, SecretName, type RotationOutcome } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import type { EventBus } from '../events/bus.ts'
import type { CommandHandlers } from '../router/router.ts'
import type { SecretRepository, StoredSecret } from '../state/keptSecrets.ts'
import { parseEnvFile, requireEnvValue, writeEnvFile } from './envFile.ts'
import { parseKeyValueJson, writeKeyValueJson } from './keyValueJson.ts'
import { requireHarmlessName } from './requireName.ts'
import { requesterOf, type Requester } from './requester.ts'
import type { AgentRun } from './secretPolicy.ts'
import type { SecretStore } from './secretStore.ts'
import { bytesOf, textOf } from './secretText.ts'
import { isoOf, maskedView, wholeView } from './secretViews.ts'

export interface SecretHandlerOptions {
  readonly store: SecretStore
  readonly secrets: Pick<SecretRepository, 'audit'>
  readonly bus: Pick<EventBus, 'latest'>
  /** The run that an agent is in at this moment; null where it is in none. */
  readonly runOf: (agentId: AgentId) => AgentRun | null
  /** What it has at this moment, by name. */
  readonly secretsOf: (agentId: AgentId) => Promise<{ secrets: Record<string, string>; generation: number }>
  /** Gives running agents the new value, each in its own way. */
  readonly rotate: (secret: StoredSecret) => Promise<{ agentId: AgentId; outcome: RotationOutcome }[]>
  /** Tries a value where it is to be used; a sentence where it is refused there. Throws where it cannot be tried. */
  readonly probe: (secret: StoredSecret, value: string) => Promise<string | null>
  /** Whether this is the caller's password. Null where the caller has none: then it is the machine's owner. */
  readonly verifyPassword: (caller: Caller, password: string) => Promise<boolean | null>
  /** For what somebody has typed. Never throws. */
  readonly redact: (text: string) => string
}

type SecretCommand = Exclude<Extract<keyof CommandHandlers, `secret.${string}`>, 'secret.auditCsv' | 'secret.auditJsonLines'>

export function secretHandlers(options: SecretHandlerOptions): Pick<CommandHandlers, SecretCommand> {
  const { store, secrets, bus, runOf, secretsOf, rotate, probe, verifyPassword, redact } = options
  const requester = (caller: Caller): Requester => requesterOf(caller, runOf)

  async function withBytes<T>(text: string, action: (value: Buffer) => Promise<T>): Promise<T> {
    const value = bytesOf(text)
    try {
      return await action(value)
    } finally {
      value.fill(0)
    }
  }

  return {
    'secret.create': async ({ value, ...given }, caller) => createdView(await withBytes(value, (bytes) => store.create({ ...given, value: bytes }, requester(caller)))),

    'secret.list': async (query) => {
      const seq = bus.latest()
      return { secrets: (await store.list(query)).map(maskedView), seq }
    },

    'secret.get': async ({ secretId, reveal }, caller) => {
      const { secret, value } = await store.get(secretId, requester(caller), reveal)
      if (value === null) return maskedView(secret)
      try {
        const text = textOf(value)
        if (text === null) throw new AppError('INVALID_INPUT', `The value of ${secret.name} is no text: its bytes are not UTF-8.`)
        return wholeView(secret, text)
      } finally {
        value.fill(0)
      }
    },

    'secret.update': async ({ secretId, value, probe: isProbed }, caller) => {
      if (isProbed) {
        await store.require('UPDATE', await store.find(secretId), requester(caller))
        await requireAccepted(secretId, value, caller)
      }
      const secret = await withBytes(value, (bytes) => store.update(secretId, bytes, requester(caller)))
      return { ...createdView(secret), version: secret.version, agents: await rotate(secret) }
    },

    'secret.delete': async ({ secretId }, caller) => {
      await store.delete(secretId, requester(caller))
      return {}
    },

    'secret.restore': async ({ secretId }, caller) => maskedView(await store.restore(secretId, requester(caller))),

    'secret.versions': async ({ secretId }) => {
      const { version: current } = await store.find(secretId)
      const versions = await store.versions(secretId)
      return { versions: versions.map(({ version, createdAt, actor }) => ({ version, created_at: isoOf(createdAt), actor, is_current: version === current })) }
    },

    'secret.rollback': async ({ secretId, version }, caller) => {
      const secret = await store.rollback(secretId, version, requester(caller))
      await rotate(secret)
      return { ...createdView(secret), version: secret.version }
    },

    'secret.audit': async ({ secret_name: secretName, before, limit }) => secrets.audit({ secretName, before, limit }),

    'secret.forAgent': async ({ agentId }, caller) => {
      if (caller.role === 'agent' && caller.id === agentId) return secretsOf(agentId)
      const refusal = 'What an agent has as secrets is given to that agent and nobody else.'
      await store.note('*', 'DENY', requester(caller), `READ: ${refusal}`)
      throw new AppError('FORBIDDEN', refusal)
    },

    'secret.import': async ({ environment, format, text, overwrite }, caller) => {
      const by = requester(caller)
      await store.require('IMPORT', { name: '*', environment }, by)
      const given = lastOfEach(format === 'env' ? parseEnvFile(text) : parseKeyValueJson(text))
      if (given.length > MOST_IMPORTED) throw new AppError('TOO_LARGE', `There are ${given.length} secrets in it, and at most ${MOST_IMPORTED} are taken at once: each costs a derivation of a key. Nothing was imported.`)
      for (const [name, value] of given) requireImportable(name, value)
      const outcome = { created: [] as string[], updated: [] as string[], kept: [] as string[] }
      for (const [name, value] of given) {
        const before = await store.named(environment, name)
        if (before === null) {
          await withBytes(value, (bytes) => store.create({ name, environment, value: bytes }, by))
          outcome.created.push(name)
        } else if (overwrite) {
          const secret = await withBytes(value, (bytes) => store.update(before.id, bytes, by, 'IMPORT'))
          await rotate(secret)
          outcome.updated.push(name)
        } else outcome.kept.push(name)
      }
      return outcome
    },

    'secret.export': async ({ environment, format, password, reason }, caller) => {
      const by = requester(caller)
      await store.require('EXPORT', { name: '*', environment }, by)
      await requirePassword(caller, by, password)
      const opened = await store.openForExport(environment, by, redact(reason), format === 'env' ? requireEnvValue : () => undefined)
      const all = opened.map(({ secret: { name }, value }) => ({ name, value }))
      return { text: format === 'env' ? writeEnvFile(all) : writeKeyValueJson(all) }
    },
  }

  async function requireAccepted(secretId: string, value: string, caller: Caller): Promise<void> {
    const secret = await store.find(secretId)
    const problem = await probe(secret, value)
    if (problem === null) return
    await store.note(secret.name, 'UPDATE', requester(caller), problem)
    throw new AppError('CONFLICT', problem)
  }

  async function requirePassword(caller: Caller, by: Requester, password = ''): Promise<void> {
    const isRight = await verifyPassword(caller, password)
    if (isRight !== false) return
    const refusal = password === '' ? 'Give your password once more to export secrets in plain text.' : 'That is not your password; nothing was exported.'
    await store.note('*', 'DENY', by, `EXPORT: ${refusal}`)
    throw new AppError('FORBIDDEN', refusal)
  }
}

function createdView(secret: StoredSecret): { id: string; name: string; environment: StoredSecret['environment']; created_at: string; updated_at: string } {
  const { id, name, environment, created_at, updated_at } = maskedView(secret)
  return { id, name, environment, created_at, updated_at }
}

const MOST_IMPORTED = 1_000

/** Where a name is given twice, the last one holds, as in every shell. */
function lastOfEach(given: readonly (readonly [string, string])[]): [string, string][] {
  return [...new Map(given)]
}

function requireImportable(name: string, value: string): void {
  const parsed = SecretName.safeParse(name)
  if (!parsed.success) throw new AppError('INVALID_INPUT', `${JSON.stringify(name.slice(0, 128))} cannot be a secret: ${parsed.error.issues[0]?.message ?? 'another name is needed'}. Nothing was imported.`)
  requireHarmlessName(name)
  if (value === '') throw new AppError('INVALID_INPUT', `${name} has no value. Nothing was imported.`)
  const { length } = Buffer.from(value, 'utf8')
  if (length > LARGEST_SECRET_BYTES) throw new AppError('INVALID_INPUT', `The value of ${name} has ${length} bytes; a secret has 1 to ${LARGEST_SECRET_BYTES}. Nothing was imported.`)
  if (!value.isWellFormed()) throw new AppError('INVALID_INPUT', `The value of ${name} holds half a character (an unpaired surrogate). Nothing was imported.`)
}
