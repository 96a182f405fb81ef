import { createHash } from 'node:crypto'
import type { Caller } from '../../shared/domain/roles.ts'
import type { Clock, Random } from '../ports.ts'

export const CODE_MS = 10 * 60 * 1000
/** Beyond this the oldest link goes dead: nobody has so many open. */
export const MOST_CODES = 32

export interface SignInCodes {
  create(caller: Caller): string
  /** Whom the code signs in, once; null for one that is unknown, used or too old. */
  redeem(code: string): Caller | null
}

/** One-time codes live in memory only, as hashes: a copy of the process's memory gives no link. */
export function createSignInCodes({ clock, random }: { clock: Clock; random: Random }): SignInCodes {
  const outstanding = new Map<string, { caller: Caller; expiresAt: number }>()

  return {
    create(caller) {
      for (const oldest of outstanding.keys()) if (outstanding.size >= MOST_CODES) outstanding.delete(oldest)
      const code = random.hex(20)
      outstanding.set(sha256(code), { caller, expiresAt: clock.now() + CODE_MS })
      return code
    },

    redeem(code) {
      const hash = sha256(code)
      const entry = outstanding.get(hash)
      outstanding.delete(hash)
      return entry && clock.now() < entry.expiresAt ? entry.caller : null
    },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
