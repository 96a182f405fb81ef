import { hashRaw } from '@node-rs/argon2'

export interface Argon2Cost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

/** What is asked of every secret. */
const SECRET_COST: Argon2Cost = { memory: 19_456, passes: 2, lanes: 1 }

const KEY_BYTES = 32
/** The package's constant is a const enum, which does not survive the erasing of types. */
const ARGON2ID = 2

/** A key of 32 bytes, worked out on another thread. */
export function argon2id(password: Buffer, salt: Buffer, { memory, passes, lanes }: Argon2Cost = SECRET_COST): Promise<Buffer> {
  return hashRaw(password, { algorithm: ARGON2ID, memoryCost: memory, timeCost: passes, parallelism: lanes, outputLen: KEY_BYTES, salt })
}
