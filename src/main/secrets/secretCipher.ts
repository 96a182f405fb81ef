import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { Clock, Timer } from '../ports.ts'
import type { SealedValue, StoredSecret } from '../state/keptSecrets.ts'
import { argon2id } from './argon2id.ts'
import type { RoomKeys } from './roomKeys.ts'

/** Whose value it is: what is sealed for one place opens in no other. */
export type SecretPlace = Pick<StoredSecret, 'id' | 'name' | 'environment' | 'version' | 'delivery' | 'hosts'>

export interface SecretCipher {
  /** With a fresh salt and a fresh nonce each time. */
  seal(place: SecretPlace, value: Buffer): Promise<SealedValue>
  /** The caller overwrites what it gets. Throws where it was changed, stands elsewhere, or its key is not there. */
  open(place: SecretPlace, kept: SealedValue): Promise<Buffer>
  /** Overwrites every key that is still known. */
  close(): void
}

const ALGORITHM = 'aes-256-gcm'
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** How long a derived key is known after its last use, and how many at most. */
const KNOWN_FOR_MS = 60_000
const MOST_KNOWN = 256

interface KnownKey {
  readonly key: Promise<Buffer>
  users: number
  isForgotten: boolean
  timer: Timer | null
}

export function createSecretCipher(keys: Pick<RoomKeys, 'masterOf' | 'generation'>, clock: Clock): SecretCipher {
  const known = new Map<string, KnownKey>()

  function forget(name: string, entry: KnownKey): void {
    if (known.get(name) === entry) known.delete(name)
    entry.timer?.cancel()
    entry.isForgotten = true
    // Whoever still works with it overwrites it.
    if (entry.users === 0) void entry.key.then((key) => key.fill(0), () => undefined)
  }

  async function withKey<T>(generation: number, salt: Buffer, step: (key: Buffer) => T): Promise<T> {
    const name = `${generation}:${salt.toString('hex')}`
    const entry = known.get(name) ?? { key: derived(keys.masterOf(generation), salt), users: 0, isForgotten: false, timer: null }
    known.delete(name)
    known.set(name, entry)
    for (const [oldest, other] of known) {
      if (known.size <= MOST_KNOWN) break
      forget(oldest, other)
    }
    entry.users += 1
    try {
      return step(await entry.key)
    } catch (problem) {
      forget(name, entry)
      throw problem
    } finally {
      entry.users -= 1
      entry.timer?.cancel()
      if (entry.isForgotten) forget(name, entry)
      else entry.timer = clock.after(KNOWN_FOR_MS, () => forget(name, entry))
    }
  }

  return {
    async seal(place, value) {
      const salt = randomBytes(SALT_BYTES)
      const nonce = randomBytes(NONCE_BYTES)
      const { generation } = keys
      const sealed = await withKey(generation, salt, (key) => {
        const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
        cipher.setAAD(associated(place))
        return Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()])
      })
      return { keyGeneration: generation, salt, nonce, sealed }
    },
    async open(place, { keyGeneration, salt, nonce, sealed }) {
      if (salt.length !== SALT_BYTES || nonce.length !== NONCE_BYTES || sealed.length <= TAG_BYTES) throw damaged(place)
      if (keys.masterOf(keyGeneration) === null) throw damaged(place)
      return withKey(keyGeneration, salt, (key) => {
        const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
        decipher.setAAD(associated(place))
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
        const plain = decipher.update(sealed.subarray(0, -TAG_BYTES))
        try {
          decipher.final()
        } catch {
          plain.fill(0)
          throw damaged(place)
        }
        return plain
      })
    },
    close() {
      for (const [name, entry] of [...known]) forget(name, entry)
    },
  }
}

async function derived(master: Buffer | null, salt: Buffer): Promise<Buffer> {
  if (master === null) throw new Error('A key was asked for that is not there.')
  return argon2id(master, salt)
}

/** One text for one place: JSON keeps each part from reaching into its neighbour. */
function associated({ id, name, environment, version, delivery, hosts }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify(['iron-cage-secret', 1, id, name, environment, version, delivery, hosts]), 'utf8')
}

function damaged({ name, environment, version }: SecretPlace): AppError {
  return new AppError(
    'UNAVAILABLE',
    `Version ${version} of ${name} in ${environment} does not open: it is damaged, or was moved there from elsewhere. The master key is the right one; ` +
      'other secrets are not affected. Give it a new value, roll back to another version, or restore the database from a backup.',
  )
}
