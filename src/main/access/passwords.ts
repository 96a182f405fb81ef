import { createHmac } from 'node:crypto'
import { hash, verify } from '@node-rs/bcrypt'

export const BCRYPT_COST = 12

/** bcrypt reads 72 bytes and stops at a NUL: it is given a digest of the whole password, in letters, so that all of it counts. */
const DIGEST_KEY = 'iron-cage password, version 1'

/** The hash of 256 random bits that nobody has kept: what is compared with where there is no such user. */
const NOBODY = '$2b$12$VwXrkqtImhrLewsmSldph.WSh1p8XA9qbKsoba2MAdF6aGXjY5ZzO'

export interface Passwords {
  hash(password: string): Promise<string>
  /** Takes as long for nobody's hash, which is null, as for somebody's. */
  verify(password: string, passwordHash: string | null): Promise<boolean>
}

export const bcryptPasswords: Passwords = {
  hash: (password) => hash(digest(password), BCRYPT_COST),

  async verify(password, passwordHash) {
    const isRight = await verify(digest(password), passwordHash ?? NOBODY)
    return isRight && passwordHash !== null
  },
}

/** The same password in the same letters, however a keyboard composes them. */
function digest(password: string): string {
  return createHmac('sha256', DIGEST_KEY).update(password.normalize('NFKC')).digest('base64')
}
