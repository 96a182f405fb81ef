import type { Environment } from '../../shared/domain/agent.ts'
import type { SecretId } from '../../shared/domain/secret.ts'
import { AppError } from '../../shared/errors.ts'
import type { Random } from '../ports.ts'
import { THE_ROOM } from '../secrets/requester.ts'
import type { RunSecrets } from '../secrets/runSecrets.ts'
import type { SecretStore } from '../secrets/secretStore.ts'

export const KEY_NAME = 'OPENAI_API_KEY'
/** The first of these that has no such key of the user's own. */
const ENVIRONMENTS: readonly Environment[] = ['staging', 'development', 'production']

/** The demo's key to its model: a secret like any other, which the provider's stand-in asks for. */
export interface DemoKey {
  /** Makes the secret, or says in `problem` why there is none; the demo then runs with a key that is no secret. */
  open(): Promise<{ readonly id: SecretId | null; readonly environment: Environment; readonly problem: string | null }>
  /** It was made before the room was closed. */
  resume(id: SecretId | null): void
  rotate(): Promise<void>
  /** Somebody has rotated it: the provider knows only the next key from now on. */
  rotated(): void
  /** Whether the provider knows this key. */
  accepts(key: string): boolean
  remove(): Promise<void>
  readonly id: SecretId | null
}

export interface DemoKeyOptions {
  readonly secrets: Pick<SecretStore, 'create' | 'delete' | 'named' | 'problem' | 'update'>
  readonly rotate: RunSecrets['rotate']
  readonly random: Random
}

export function createDemoKey({ secrets, rotate, random }: DemoKeyOptions): DemoKey {
  let id: SecretId | null = null
  /** The key that the provider has seen last; it learns a new one after a rotation. */
  let known: string | null = null
  let retired = new Set<string>()

  const invented = (): Buffer => Buffer.from(`sk-demo-${random.hex(16)}`)

  async function freeEnvironment(): Promise<Environment | null> {
    for (const environment of ENVIRONMENTS) if ((await secrets.named(environment, KEY_NAME)) === null) return environment
    return null
  }

  return {
    async open() {
      const environment = await freeEnvironment()
      if (environment === null) return { id, environment: 'staging', problem: `Every environment has an ${KEY_NAME} of your own already, which the demo leaves alone.` }
      if (secrets.problem !== null) return { id, environment, problem: `${secrets.problem} The demo runs without a key of its own.` }
      const made = await secrets.create({ name: KEY_NAME, environment, value: invented() }, THE_ROOM)
      id = made.id
      return { id, environment, problem: null }
    },
    resume(kept) {
      id = kept
    },
    async rotate() {
      if (id === null) throw new AppError('CONFLICT', 'The demo has no key of its own in the secret store: open the store (Secrets), reset the demo and start it anew.')
      await rotate(await secrets.update(id, invented(), THE_ROOM))
    },
    rotated() {
      if (known !== null) retired.add(known)
      known = null
    },
    accepts(key) {
      if (retired.has(key)) return false
      known ??= key
      return true
    },
    async remove() {
      const made = id
      id = null
      known = null
      retired = new Set()
      if (made === null) return
      try {
        await secrets.delete(made, THE_ROOM)
      } catch (problem) {
        // Somebody has deleted it before.
        if (!(problem instanceof AppError && problem.code === 'NOT_FOUND')) throw problem
      }
    },
    get id() {
      return id
    },
  }
}
