import type { Environment } from '../../shared/domain/agent.ts'
import { LARGEST_SECRET_BYTES, type SecretDelivery, type SecretId, type SecretOperation } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import type { Clock, Random } from '../ports.ts'
import type { NewAuditEntry, SecretRepository, SecretVersion, StoredSecret } from '../state/keptSecrets.ts'
import { createTurns } from '../turns.ts'
import { createDenials } from './denials.ts'
import { maskedSecret, FULLY_MASKED } from './maskedSecret.ts'
import { requireHarmlessName } from './requireName.ts'
import { THE_ROOM, type Noted, type Requester } from './requester.ts'
import { requireOpen, type RoomKeys } from './roomKeys.ts'
import { createSecretCipher } from './secretCipher.ts'
import { judgeSecretRequest, type AgentRun } from './secretPolicy.ts'
import { textOf } from './secretText.ts'

export interface NewSecret {
  readonly name: string
  readonly environment: Environment
  readonly value: Buffer
  readonly delivery?: SecretDelivery
  readonly hosts?: readonly string[]
}

export interface OpenedSecret {
  readonly secret: StoredSecret
  /** As text, for an environment or an answer; it cannot be overwritten: keep it shortly. */
  readonly value: string
}

/** Secrets, encrypted. Whatever is done with one stands in the audit by the time it is done, or it is not done. Values that are handed in stay the caller's, to overwrite. */
export interface SecretStore {
  create(given: NewSecret, by: Requester): Promise<StoredSecret>
  /** Opens nothing. */
  list(query: { readonly environment?: Environment | undefined; readonly deleted: boolean }): Promise<StoredSecret[]>
  /** What is known of it without its value; throws NOT_FOUND. */
  find(id: SecretId): Promise<StoredSecret>
  named(environment: Environment, name: string): Promise<StoredSecret | null>
  /** The value where the requester may have it, which the caller overwrites; else null. */
  get(id: SecretId, by: Requester, isRevealed: boolean): Promise<{ readonly secret: StoredSecret; readonly value: Buffer | null }>
  update(id: SecretId, value: Buffer, by: Requester, operation?: 'UPDATE' | 'IMPORT'): Promise<StoredSecret>
  delete(id: SecretId, by: Requester): Promise<StoredSecret>
  restore(id: SecretId, by: Requester): Promise<StoredSecret>
  /** Only what is deleted. */
  purge(id: SecretId, by: Requester): Promise<void>
  /** What was deleted longer ago than it is kept; gives how many. */
  purgeOld(): Promise<number>
  /** Newest first. */
  versions(id: SecretId): Promise<SecretVersion[]>
  /** The value of an earlier version as a new one. */
  rollback(id: SecretId, version: number, by: Requester): Promise<StoredSecret>
  /** Refuses where a run is to have secrets and no master key opens them: before anything is started. */
  requireForRun(run: Pick<AgentRun, 'environment' | 'names'>): Promise<void>
  /** What a run is to have in its environment. All or none; each stands in the audit. */
  openForRun(by: Requester & { readonly run: AgentRun }, operation?: 'INJECT' | 'READ'): Promise<OpenedSecret[]>
  /** Refuses, as the operation itself would, before anything else is asked or done. */
  require(operation: 'UPDATE' | 'IMPORT' | 'EXPORT', about: Pick<StoredSecret, 'name' | 'environment'>, by: Requester): Promise<void>
  /** All of an environment, in plain text, none where one does not fit. The reason stands in the audit, beside who it was. */
  openForExport(environment: Environment, by: Requester, reason: string, requireFit: (secret: { readonly name: string; readonly value: string }) => void): Promise<OpenedSecret[]>
  /** Writes down what was done or refused elsewhere, such as telling an agent of a secret. */
  note(secretName: string, operation: SecretOperation, by: Noted, error: string | null): Promise<void>
  /** What was written down while there was no key comes under the seal, and that it does is written down too. */
  sealAudit(): Promise<void>
  /** Null where it can be opened; else why not. */
  readonly problem: string | null
  /** Overwrites the keys that are still known, and writes down what was only counted. */
  close(): Promise<void>
}

export interface SecretStoreOptions {
  readonly secrets: SecretRepository
  readonly keys: RoomKeys
  /** Whether the room is shown to an audience at this moment. */
  readonly isLocked: () => boolean
  readonly clock: Clock
  readonly random: Random
  /** Told of each value that passes through, so that it can be kept out of everything that is written or shown. */
  readonly know: (value: string) => void
  /** Told of each secret that is another now. */
  readonly onChange: (secret: StoredSecret, operation: SecretOperation, by: Requester) => Promise<unknown>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const KEPT_VERSIONS = 10
const DAY_MS = 24 * 60 * 60 * 1000
export const KEPT_DELETED_MS = 30 * DAY_MS
/** Opened at once: each takes 19 MiB and one thread of four. */
const AT_ONCE = 4

export function createSecretStore({ secrets, keys, isLocked, clock, random, know, onChange, onDefect }: SecretStoreOptions): SecretStore {
  const cipher = createSecretCipher(keys, clock)
  const inTurn = createTurns<string>()
  const denials = createDenials({ write: (denied) => secrets.write([], [denied]), clock, onDefect })

  const entry = (secretName: string, operation: SecretOperation, by: Noted, error: string | null = null): NewAuditEntry => ({
    secret_name: secretName,
    operation,
    requester_role: by.role,
    requester: by.id,
    agent_id: by.agentId,
    success: error === null,
    error_message: error,
    at: clock.now(),
  })

  /** What fails for a reason that can be told stands in the audit too. */
  async function attempt<T>(name: string, operation: SecretOperation, by: Requester, action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (problem) {
      if (problem instanceof AppError && !(problem instanceof Denial)) await denials.note(entry(name, operation, by, problem.message))
      throw problem
    }
  }

  /** Whether the value itself goes out; what is refused is written down before it is said. */
  async function judge(operation: Exclude<SecretOperation, 'DENY'>, { name, environment, delivery }: Pick<StoredSecret, 'name' | 'environment' | 'delivery'>, by: Requester): Promise<boolean> {
    const grant = judgeSecretRequest({ role: by.role, operation, environment, delivery, run: by.run, isLocked: isLocked(), isByItself: by === THE_ROOM }, name)
    if ('gives' in grant) return grant.gives === 'whole'
    await denials.note(entry(name, 'DENY', by, `${operation}: ${grant.refusal}`))
    throw new Denial(grant.code ?? 'FORBIDDEN', grant.refusal)
  }

  async function find(id: SecretId): Promise<StoredSecret> {
    const found = await secrets.get(id)
    if (!found) throw new AppError('NOT_FOUND', `There is no secret ${id}.`)
    return found
  }

  async function findKept(id: SecretId): Promise<StoredSecret> {
    const found = await find(id)
    if (found.deletedAt === null) return found
    throw new AppError('NOT_FOUND', `${found.name} in ${found.environment} is deleted; restore it first.`)
  }

  async function opened(secret: StoredSecret, version = secret.version): Promise<Buffer> {
    requireOpen(keys)
    const kept = await secrets.version(secret.id, version)
    if (!kept) throw new AppError('NOT_FOUND', `Version ${version} of ${secret.name} is not kept; "iron_cage secrets versions ${secret.name}" lists those that are.`)
    const value = await cipher.open({ ...secret, version }, kept)
    know(value.toString('utf8'))
    return value
  }

  async function sealed(secret: StoredSecret, value: Buffer, by: Requester): Promise<SecretVersion> {
    const kept = await cipher.seal(secret, value)
    const masked = maskedSecret(textOf(value) ?? '')
    return { ...kept, secretId: secret.id, version: secret.version, masked, createdAt: clock.now(), actor: by.id }
  }

  async function advance(before: StoredSecret, value: Buffer, by: Requester, operation: SecretOperation): Promise<StoredSecret> {
    const version = await sealed({ ...before, version: before.version + 1 }, value, by)
    const after: StoredSecret = { ...before, version: version.version, masked: version.masked, updatedAt: version.createdAt }
    await secrets.write([{ kind: 'advance', version, at: version.createdAt, kept: KEPT_VERSIONS }], [entry(before.name, operation, by)])
    await onChange(after, operation, by)
    return after
  }

  /** All of them, a few at a time, with one entry each; the first that fails is named, and nothing is given. */
  async function openAll(all: readonly StoredSecret[], operation: 'INJECT' | 'READ' | 'EXPORT', by: Requester, isFit: (text: string | null, secret: StoredSecret) => string): Promise<OpenedSecret[]> {
    const results: OpenedSecret[] = []
    for (let index = 0; index < all.length; index += AT_ONCE) {
      const lot = all.slice(index, index + AT_ONCE).map((secret) =>
        attempt(secret.name, operation, by, async () => {
          await judge(operation, secret, by)
          const value = await opened(secret)
          try {
            return { secret, value: isFit(textOf(value), secret) }
          } finally {
            value.fill(0)
          }
        }),
      )
      // Each has written down its own failure before the first of them is told.
      const settled = await Promise.allSettled(lot)
      for (const one of settled) {
        if (one.status === 'rejected') throw one.reason
        results.push(one.value)
      }
    }
    if (all.length > 0) await secrets.write([], all.map(({ name }) => entry(name, operation, by)))
    return results
  }

  return {
    get problem() {
      return keys.problem
    },
    find,
    list: (query) => secrets.list(query),
    named: (environment, name) => secrets.named(environment, name),
    versions: async (id) => {
      await find(id)
      return secrets.versions(id)
    },
    async sealAudit() {
      const unsealed = await secrets.unsealed()
      if (unsealed === null || keys.problem !== null) return
      const { from, to } = unsealed
      await secrets.write([], [entry('*', 'DENY', THE_ROOM, `Records ${from} to ${to} were written while the master key was not there; only from here on they are under its seal.`)])
    },
    async close() {
      cipher.close()
      await denials.settle()
    },
    note: (secretName, operation, by, error) => {
      const noted = entry(secretName, operation, by, error)
      return error === null ? secrets.write([], [noted]) : denials.note(noted)
    },

    create: ({ name, environment, value, delivery = 'value', hosts = [] }, by) =>
      attempt(name, 'CREATE', by, async () => {
        await judge('CREATE', { name, environment, delivery }, by)
        requireOpen(keys)
        requireSize(value)
        requireHosts(delivery, hosts)
        requireHarmlessName(name)
        know(value.toString('utf8'))
        const at = clock.now()
        const id: SecretId = `secret-${random.hex(6)}`
        const draft: StoredSecret = { id, name, environment, version: 1, delivery, hosts, masked: FULLY_MASKED, createdAt: at, updatedAt: at, deletedAt: null }
        const version = await sealed(draft, value, by)
        const secret = { ...draft, masked: version.masked }
        await secrets.write([{ kind: 'create', secret, version }], [entry(name, 'CREATE', by)])
        await onChange(secret, 'CREATE', by)
        return secret
      }),

    async get(id, by, isRevealed) {
      const secret = await find(id)
      const operation = isRevealed && by.role !== 'agent' ? 'REVEAL' : 'READ'
      return attempt(secret.name, operation, by, async () => {
        const isWhole = await judge(operation, secret, by)
        if (isWhole && secret.deletedAt !== null) throw new AppError('NOT_FOUND', `${secret.name} in ${secret.environment} is deleted; restore it first.`)
        const value = isWhole ? await opened(secret) : null
        try {
          await secrets.write([], [entry(secret.name, operation, by)])
        } catch (problem) {
          value?.fill(0)
          throw problem
        }
        return { secret, value }
      })
    },

    update: (id, value, by, operation = 'UPDATE') =>
      inTurn(id, async () => {
        const before = await findKept(id)
        return attempt(before.name, operation, by, async () => {
          await judge(operation, before, by)
          requireOpen(keys)
          requireSize(value)
          know(value.toString('utf8'))
          return advance(before, value, by, operation)
        })
      }),

    rollback: (id, version, by) =>
      inTurn(id, async () => {
        const before = await findKept(id)
        return attempt(before.name, 'ROLLBACK', by, async () => {
          await judge('ROLLBACK', before, by)
          if (version === before.version) throw new AppError('CONFLICT', `Version ${version} of ${before.name} is the one that holds already.`)
          const value = await opened(before, version)
          try {
            return await advance(before, value, by, 'ROLLBACK')
          } finally {
            value.fill(0)
          }
        })
      }),

    delete: (id, by) =>
      inTurn(id, async () => {
        const before = await findKept(id)
        return attempt(before.name, 'DELETE', by, async () => {
          await judge('DELETE', before, by)
          requireOpen(keys)
          const after = { ...before, deletedAt: clock.now() }
          await secrets.write([{ kind: 'delete', secretId: id, at: after.deletedAt }], [entry(before.name, 'DELETE', by)])
          await onChange(after, 'DELETE', by)
          return after
        })
      }),

    restore: (id, by) =>
      inTurn(id, async () => {
        const before = await find(id)
        return attempt(before.name, 'RESTORE', by, async () => {
          await judge('RESTORE', before, by)
          requireOpen(keys)
          await secrets.write([{ kind: 'restore', secretId: id }], [entry(before.name, 'RESTORE', by)])
          const after = { ...before, deletedAt: null }
          await onChange(after, 'RESTORE', by)
          return after
        })
      }),

    purge,

    async purgeOld() {
      if (keys.problem !== null) return 0
      const old = await secrets.deletedBefore(clock.now() - KEPT_DELETED_MS)
      for (const { id } of old) await purge(id, THE_ROOM)
      return old.length
    },

    async requireForRun({ environment, names }) {
      if (keys.problem === null || names?.length === 0) return
      if (names === null && (await secrets.list({ environment, deleted: false })).length === 0) return
      requireOpen(keys)
    },

    async openForRun(by, operation = 'INJECT') {
      const { environment, names } = by.run
      // What is missing may be known only to the key that is not there.
      if (names !== null && names.length > 0) requireOpen(keys)
      const all = await secrets.list({ environment, deleted: false })
      const missing = names?.find((name) => !all.some((secret) => secret.name === name))
      if (missing !== undefined) {
        const message = `The agent is to have the secret ${missing}, and there is none of that name in ${environment}: add it, or take it out of the agent file.`
        await secrets.write([], [entry(missing, operation, by, message)])
        throw new AppError('NOT_FOUND', message)
      }
      return openAll(all.filter(({ name }) => names === null || names.includes(name)), operation, by, requireInjectable)
    },

    require: async (operation, about, by) => {
      await judge(operation, { ...about, delivery: 'value' }, by)
    },

    async openForExport(environment, by, reason, requireFit) {
      const all = await secrets.list({ environment, deleted: false })
      const opened = await openAll(all, 'EXPORT', by, (text, secret) => {
        const value = requireText(text, secret)
        requireFit({ name: secret.name, value })
        return value
      })
      await secrets.write([], [{ ...entry('*', 'EXPORT', by), requester: `${by.id}, of ${environment}: ${reason}` }])
      return opened
    },
  }

  function purge(id: SecretId, by: Requester): Promise<void> {
    return inTurn(id, async () => {
      const before = await find(id)
      await attempt(before.name, 'PURGE', by, async () => {
        await judge('PURGE', before, by)
        requireOpen(keys)
        await secrets.write([{ kind: 'purge', secretId: id }], [entry(before.name, 'PURGE', by)])
      })
    })
  }
}

/** A refusal that stands in the audit already. */
class Denial extends AppError {
  constructor(code: 'FORBIDDEN' | 'LOCKED', message: string) {
    super(code, message)
  }
}

function requireSize({ length }: Buffer): void {
  if (length >= 1 && length <= LARGEST_SECRET_BYTES) return
  throw new AppError('INVALID_INPUT', `The value has ${length} bytes; a secret has 1 to ${LARGEST_SECRET_BYTES}.`)
}

function requireHosts(delivery: SecretDelivery, hosts: readonly string[]): void {
  if (delivery !== 'sealed' || hosts.length > 0) return
  throw new AppError('INVALID_INPUT', 'A sealed secret needs at least one host that the gateway may put it in for, such as api.openai.com.')
}

function requireText(text: string | null, { name, environment }: StoredSecret): string {
  if (text !== null) return text
  throw new AppError('INVALID_INPUT', `The value of ${name} in ${environment} is no text: its bytes are not UTF-8, and cannot be given out as such.`)
}

function requireInjectable(text: string | null, secret: StoredSecret): string {
  const value = requireText(text, secret)
  if (!value.includes('\0')) return value
  throw new AppError('INVALID_INPUT', `The value of ${secret.name} in ${secret.environment} holds a NUL, which no environment variable can: give it another value, or name the agent’s secrets without it.`)
}
