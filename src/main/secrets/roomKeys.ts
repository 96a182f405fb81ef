import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { KeyState } from '../../shared/domain/keys.ts'
import { AppError } from '../../shared/errors.ts'
import type { Clock } from '../ports.ts'
import type { KeyGeneration, KeyGenerations } from '../state/keptSecrets.ts'
import { EnvelopeError, open, seal } from './envelope.ts'
import type { Keys } from './keys.ts'
import { extracted, keysFrom, type MasterKey, type MasterKeyAnswer } from './openKeys.ts'

/** The keys of one room: what is sealed in it hangs on a key of its own, which is sealed under the master key. */
export interface RoomKeys extends Keys {
  readonly state: KeyState
  /** Null where the store can be opened; else one sentence on why not, and what to do. */
  readonly problem: string | null
  /** Under which values are sealed from now on; 0 where nothing can be. */
  readonly generation: number
  /** Whether a change of the master key was begun and not finished. */
  readonly isChanging: boolean
  /** Null where a generation's key is not known. */
  masterOf(generation: number): Buffer | null
}

const KEY_BYTES = 32
const SALT_BYTES = 16

export const NO_KEY =
  'There is no master key to encrypt secrets with. There are three ways to have one: set IRON_SECRETS_MASTER_KEY to 64 hexadecimal digits; ' +
  'start the control room where a keychain is unlocked; or make a key file with "iron_cage secrets init" and give its passphrase in IRON_SECRETS_PASSPHRASE.'

const KEY_IS_ELSEWHERE =
  'What is kept here was encrypted with a master key that is not there now. Start the room with that one: in IRON_SECRETS_MASTER_KEY, in the keychain, or with its key file and the passphrase in IRON_SECRETS_PASSPHRASE.'

const OTHER_KEY =
  'The secrets of this room were encrypted with another master key than the one that is there now. ' +
  'Start the room with that one; nothing of them is read or changed until then.'

const DAMAGED_KEY =
  'The master key is the right one, but the key of this room that is sealed under it is damaged: restore the database from a backup.'

/** Opens what the room's keys are derived from; makes it where there is none yet. */
export async function openRoomKeys(found: Pick<MasterKeyAnswer, 'master' | 'problem' | 'state'>, generations: KeyGenerations, clock: Clock): Promise<RoomKeys> {
  const { master } = found
  if (master !== null && (await generations.all()).length === 0) {
    // What was sealed before rooms had a key of their own stays as it is: its key becomes the room's.
    const roomKey = (await generations.hasOlderSeals()) ? extracted(master.bytes) : randomBytes(KEY_BYTES)
    await generations.addFirst(newGeneration({ generation: 1, master: master.bytes, roomKey, at: clock.now() }))
  }
  return readRoomKeys(found, generations)
}

/** The same for whoever only reads: a room that has no key of its own yet is sealed under the master key itself. */
export async function readRoomKeys({ master, problem, state }: Pick<MasterKeyAnswer, 'master' | 'problem' | 'state'>, generations: Pick<KeyGenerations, 'all'>): Promise<RoomKeys> {
  const known = await generations.all()
  if (master === null) return state === 'missing' ? withoutKey(known.length > 0) : closed(state === 'open' ? 'missing' : state, problem ?? NO_KEY)
  if (known.length > 0) return unlock(master, known)
  return { ...keysFrom(master.source, extracted(master.bytes)), state: 'open', problem: null, generation: 0, isChanging: false, masterOf: () => null }
}

function withoutKey(isSealed: boolean): RoomKeys {
  return isSealed ? closed('locked', KEY_IS_ELSEWHERE) : closed('missing', NO_KEY)
}

function unlock(master: MasterKey, known: readonly KeyGeneration[]): RoomKeys {
  const own = known.find((generation) => isKeyOf(generation, master.bytes))
  if (!own) return closed('other-key', OTHER_KEY)
  const masters = new Map<number, Buffer>([[own.generation, master.bytes]])
  let roomKey: Buffer
  try {
    roomKey = open(master.bytes, own.roomKey, contextOf('room-key', own.generation))
    if (own.nextMaster) masters.set(own.generation + 1, open(master.bytes, own.nextMaster, contextOf('next-master', own.generation)))
    if (own.previousMaster) masters.set(own.generation - 1, open(master.bytes, own.previousMaster, contextOf('previous-master', own.generation)))
  } catch (problem) {
    if (problem instanceof EnvelopeError) return closed('damaged', DAMAGED_KEY)
    throw problem
  }
  const generation = known.at(-1)?.generation ?? own.generation
  if (!masters.has(generation)) return closed('damaged', DAMAGED_KEY)
  return {
    ...keysFrom(master.source, roomKey),
    state: 'open',
    problem: null,
    generation,
    isChanging: known.length > 1,
    masterOf: (number) => masters.get(number) ?? null,
  }
}

export function closed(state: Exclude<KeyState, 'open'>, problem: string): RoomKeys {
  return { source: null, derive: () => null, state, problem, generation: 0, isChanging: false, masterOf: () => null }
}

interface GenerationParts {
  readonly generation: number
  readonly master: Buffer
  readonly roomKey: Buffer
  readonly at: number
  /** The one that it takes over from. */
  readonly previous?: Buffer
}

function newGeneration({ generation, master, roomKey, at, previous }: GenerationParts): KeyGeneration {
  const salt = randomBytes(SALT_BYTES)
  return {
    generation,
    createdAt: at,
    salt,
    check: checkOf(master, salt),
    roomKey: seal(master, roomKey, contextOf('room-key', generation)),
    nextMaster: null,
    previousMaster: previous ? seal(master, previous, contextOf('previous-master', generation)) : null,
  }
}

/** The next generation, and what the present one keeps of it, so that either key opens both until one is retired. */
export function followingGeneration(present: KeyGeneration, master: Buffer, next: Buffer, at: number): { next: KeyGeneration; nextMaster: Buffer } {
  const generation = present.generation + 1
  const roomKey = open(master, present.roomKey, contextOf('room-key', present.generation))
  try {
    return {
      next: newGeneration({ generation, master: next, roomKey, at, previous: master }),
      nextMaster: seal(master, next, contextOf('next-master', present.generation)),
    }
  } finally {
    roomKey.fill(0)
  }
}

/** Whether a generation was made with this master key; tells a wrong key from damaged data. */
function isKeyOf({ check, salt, roomKey, generation }: KeyGeneration, master: Buffer): boolean {
  if (timingSafeEqual(check, checkOf(master, salt))) return true
  // The check itself may be what is damaged.
  try {
    open(master, roomKey, contextOf('room-key', generation)).fill(0)
    return true
  } catch {
    return false
  }
}

function checkOf(master: Buffer, salt: Buffer): Buffer {
  const key = Buffer.from(hkdfSync('sha256', master, salt, 'iron-cage-check', KEY_BYTES))
  return createHmac('sha256', key).update('iron-cage-check').digest()
}

function contextOf(what: 'room-key' | 'next-master' | 'previous-master', generation: number): string {
  return `master-keys:${what}:${generation}`
}

/** Throws UNAVAILABLE, with the sentence, where the store cannot be opened. */
export function requireOpen({ problem }: Pick<RoomKeys, 'problem'>): void {
  if (problem !== null) throw new AppError('UNAVAILABLE', problem, { problem: 'masterKey' })
}
