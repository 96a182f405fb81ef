import { createHmac } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { Keychain } from './keychain.ts'
import type { Keys } from './keys.ts'
import type { KeyFile } from './keyFile.ts'

export const MASTER_KEY_VARIABLE = 'IRON_SECRETS_MASTER_KEY'
export const PASSPHRASE_VARIABLE = 'IRON_SECRETS_PASSPHRASE'

const MASTER_KEY = /^[0-9a-f]{64}$/i
/** Tells our derivations from those of anybody else with the same master key. */
const SALT = 'iron-cage-control-room'

export type KeySource = 'environment' | 'keychain' | 'file'

export interface MasterKey {
  readonly source: KeySource
  readonly bytes: Buffer
}

export interface MasterKeyAnswer {
  readonly master: MasterKey | null
  /** Why there is none, where that is not that nobody has made one. */
  readonly problem: string | null
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
  const hasFile = keyFile?.isThere() ?? false
  // Beside a key file none is made in a keychain: it would be another one.
  const kept = (await keychain?.masterKey(!hasFile)) ?? null
  if (kept !== null && MASTER_KEY.test(kept)) return found('keychain', Buffer.from(kept, 'hex'))
  if (!hasFile || !keyFile) return { master: null, problem: null }
  const passphrase = environment[PASSPHRASE_VARIABLE] ?? (await askPassphrase?.()) ?? null
  if (passphrase === null || passphrase === '') return { master: null, problem: lockedFile(keyFile.path) }
  const opened = await keyFile.open(passphrase)
  return 'problem' in opened ? { master: null, problem: opened.problem } : found('file', opened.master)
}

function found(source: KeySource, bytes: Buffer): MasterKeyAnswer {
  return { master: { source, bytes }, problem: null }
}

function lockedFile(path: string): string {
  return `The master key lies in ${path}, sealed with a passphrase: give that in ${PASSPHRASE_VARIABLE}, set ${MASTER_KEY_VARIABLE} to the key itself, or use "iron_cage secrets" in a terminal, which asks for it.`
}

/** Keys that are derived from the master key itself, as before rooms had a key of their own. */
export async function openKeys(options: KeysOptions): Promise<Keys> {
  const { master } = await openMasterKey(options)
  return master === null ? { source: null, derive: () => null } : keysFrom(master.source, extracted(master.bytes))
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
