import { createHmac } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { KeySource, KeyState } from '../../shared/domain/keys.ts'
import type { Keychain, KeychainSilence } from './keychain.ts'
import type { Keys } from './keys.ts'
import type { KeyFile } from './keyFile.ts'
import { MASTER_KEY } from './masterKey.ts'

export const MASTER_KEY_VARIABLE = 'IRON_SECRETS_MASTER_KEY'
export const PASSPHRASE_VARIABLE = 'IRON_SECRETS_PASSPHRASE'

/** Tells our derivations from those of anybody else with the same master key. */
const SALT = 'iron-cage-control-room'

export interface MasterKey {
  readonly source: KeySource
  readonly bytes: Buffer
}

export interface MasterKeyAnswer {
  readonly master: MasterKey | null
  /** Why there is none, where that is not that nobody has made one. */
  readonly problem: string | null
  /** What there is without it; `open` where it is there. */
  readonly state: Extract<KeyState, 'open' | 'missing' | 'locked' | 'damaged'>
  /** What the keychain said instead of giving it; null where it gave it, or was not asked. */
  readonly silence: KeychainSilence | null
}

export interface KeysOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Null where none is to be asked, as in a test. */
  readonly keychain: Keychain | null
  /** The file that a passphrase opens; left out where none is to be looked for. */
  readonly keyFile?: KeyFile
  /** Asks whoever sits there for the passphrase, where the environment does not bring it. */
  readonly askPassphrase?: (() => Promise<string | null>) | null
}

export const NO_MASTER: MasterKeyAnswer = { master: null, problem: null, state: 'missing', silence: null }

/** Says what is wrong with the variable, and never repeats it; null where it is good or not set. */
export function masterKeyProblem(environment: KeysOptions['environment'], name: string = MASTER_KEY_VARIABLE): string | null {
  const given = environment[name]
  if (given === undefined || MASTER_KEY.test(given)) return null
  return `${name} has ${given.length} characters that are not 64 hexadecimal digits: set it to what \`openssl rand -hex 32\` prints, or unset it.`
}

/** The variable outranks the keychain, and that the key file; where there is none of them there is no key, and nobody makes one up. */
export async function openMasterKey({ environment, keychain, keyFile, askPassphrase = null }: KeysOptions): Promise<MasterKeyAnswer> {
  const problem = masterKeyProblem(environment)
  if (problem !== null) throw new AppError('INVALID_CONFIGURATION', problem)
  const given = environment[MASTER_KEY_VARIABLE]
  if (given !== undefined) return found('environment', Buffer.from(given, 'hex'))
  const kept = (await keychain?.masterKey(false)) ?? { without: 'absent' as const }
  if ('key' in kept) return found('keychain', Buffer.from(kept.key, 'hex'))
  const silence = keychain === null ? null : kept.without
  if (!keyFile?.isThere()) return withoutFile(silence)
  const passphrase = environment[PASSPHRASE_VARIABLE] ?? (await askPassphrase?.()) ?? null
  if (passphrase === null || passphrase === '') return { master: null, problem: lockedFile(keyFile.path), state: 'locked', silence }
  const opened = await keyFile.open(passphrase)
  return 'problem' in opened ? { master: null, problem: opened.problem, state: opened.state, silence } : found('file', opened.master)
}

function found(source: KeySource, bytes: Buffer): MasterKeyAnswer {
  return { master: { source, bytes }, problem: null, state: 'open', silence: null }
}

function withoutFile(silence: KeychainSilence | null): MasterKeyAnswer {
  if (silence === null || silence === 'absent' || silence === 'empty') return { master: null, problem: null, state: 'missing', silence }
  return { master: null, problem: KEYCHAIN_SAYS[silence], state: silence === 'foreign' ? 'damaged' : 'locked', silence }
}

const OTHER_WAYS = `or set ${MASTER_KEY_VARIABLE} to 64 hexadecimal digits, or make a key file with "iron_cage secrets init".`

export const KEYCHAIN_SAYS: Readonly<Record<KeychainSilence, string>> = {
  empty: 'The keychain of this machine holds no master key.',
  absent: `There is no keychain on this machine that can be asked for the master key: set ${MASTER_KEY_VARIABLE} to 64 hexadecimal digits, or make a key file with "iron_cage secrets init".`,
  locked: `The keychain of this machine is locked, and the master key may lie in it: unlock it and try again; ${OTHER_WAYS}`,
  refused: `The keychain of this machine does not give the master key out: allow it and try again; ${OTHER_WAYS}`,
  silent: `The keychain of this machine did not answer in time; it may be locked, and wait for its password: unlock it and try again; ${OTHER_WAYS}`,
  foreign: `What the keychain of this machine holds under the name of the control room is no master key: take it out there, or put the right one in its place; ${OTHER_WAYS}`,
}

function lockedFile(path: string): string {
  return `The master key lies in ${path}, sealed with a passphrase: give that in ${PASSPHRASE_VARIABLE}, set ${MASTER_KEY_VARIABLE} to the key itself, or use "iron_cage secrets" or "iron_cage start" in a terminal, which ask for it.`
}

/** The first half of HKDF-SHA256. */
export function extracted(master: Buffer): Buffer {
  return createHmac('sha256', SALT).update(master).digest()
}

/** The second half, for each purpose: one block is one key. */
export function keysFrom(source: KeySource, roomKey: Buffer): Keys {
  const derived = new Map<string, Buffer>()
  return {
    source,
    derive(purpose) {
      const known = derived.get(purpose)
      if (known) return known
      const key = createHmac('sha256', roomKey).update(purpose).update(Buffer.of(1)).digest()
      derived.set(purpose, key)
      return key
    },
  }
}
