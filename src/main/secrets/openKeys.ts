import { hkdfSync } from 'node:crypto'
import { AppError } from '../../shared/errors.ts'
import type { Keychain } from './keychain.ts'
import type { Keys } from './keys.ts'

export const MASTER_KEY_VARIABLE = 'IRON_SECRETS_MASTER_KEY'

const KEY_BYTES = 32
const MASTER_KEY = /^[0-9a-f]{64}$/i
/** Tells our derivations from those of anybody else with the same master key. */
const SALT = 'iron-cage-control-room'

export interface KeysOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Null where none is to be asked, as in a test. */
  readonly keychain: Keychain | null
}

/** Says what is wrong with the variable, and never repeats it; null where it is good or not set. */
export function masterKeyProblem(environment: KeysOptions['environment']): string | null {
  const given = environment[MASTER_KEY_VARIABLE]
  if (given === undefined || MASTER_KEY.test(given)) return null
  return `${MASTER_KEY_VARIABLE} has ${given.length} characters that are not 64 hexadecimal digits: set it to what \`openssl rand -hex 32\` prints, or unset it.`
}

/** The variable outranks the keychain; where there is neither there are no keys, and nobody makes one up. */
export async function openKeys({ environment, keychain }: KeysOptions): Promise<Keys> {
  const problem = masterKeyProblem(environment)
  if (problem !== null) throw new AppError('INVALID_CONFIGURATION', problem)
  const given = environment[MASTER_KEY_VARIABLE]
  if (given !== undefined) return keysOf('environment', given)
  const kept = (await keychain?.masterKey()) ?? null
  return kept !== null && MASTER_KEY.test(kept) ? keysOf('keychain', kept) : { source: null, derive: () => null }
}

function keysOf(source: 'environment' | 'keychain', digits: string): Keys {
  const master = Buffer.from(digits, 'hex')
  const derived = new Map<string, Buffer>()
  return {
    source,
    derive(purpose) {
      const known = derived.get(purpose)
      if (known) return known
      const key = Buffer.from(hkdfSync('sha256', master, SALT, purpose, KEY_BYTES))
      derived.set(purpose, key)
      return key
    },
  }
}
