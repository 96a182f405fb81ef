import { hkdfSync } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { Role, type Caller } from '../../shared/domain/roles.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Random } from '../ports.ts'

export const SESSION_SECONDS = 12 * 60 * 60

/** The one algorithm: a session that names another is none. */
const ALGORITHM = 'HS256'
const ISSUER = 'iron-cage'
/** A cookie is no bearer token and a bearer token no cookie: neither opens the other's door. */
const AUDIENCE = { cookie: 'iron-cage/session', bearer: 'iron-cage/bearer' }
export type SessionUse = keyof typeof AUDIENCE

const Claims = z.object({ sub: z.string().min(1), role: Role, jti: z.string().min(1), exp: z.number(), stamp: z.string().min(1).optional() })

/** One sign-in: what the cookie and the bearer token of it both say. */
export interface Session {
  readonly id: string
  readonly caller: Caller
  /** That of the user's password at the time; null for whoever came by a link. */
  readonly stamp: string | null
  readonly expiresAt: Millis
}

export interface SessionTokens {
  begin(caller: Caller, stamp: string | null): Session
  sign(session: Session, use: SessionUse): Promise<string>
  verify(text: string, use: SessionUse): Promise<Session | null>
}

/** Sessions are signed with a key derived from the owner token: a new owner token ends them all. */
export function createSessionTokens(ownerToken: string, { clock, random }: { clock: Clock; random: Random }): SessionTokens {
  const key = new Uint8Array(hkdfSync('sha256', ownerToken, '', 'iron-cage session signing key, version 1', 32))

  return {
    begin: (caller, stamp) => ({ id: random.hex(16), caller, stamp, expiresAt: (Math.floor(clock.now() / 1000) + SESSION_SECONDS) * 1000 }),

    sign({ id, caller, stamp, expiresAt }, use) {
      return new SignJWT({ role: caller.role, ...(stamp === null ? {} : { stamp }) })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setSubject(caller.id)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE[use])
        .setJti(id)
        .setIssuedAt(Math.floor(clock.now() / 1000))
        .setExpirationTime(expiresAt / 1000)
        .sign(key)
    },

    async verify(text, use) {
      if (!isSpelledAsWritten(text)) return null
      try {
        const { payload } = await jwtVerify(text, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE[use],
          requiredClaims: ['sub', 'jti', 'iat', 'exp'],
          currentDate: new Date(clock.now()),
        })
        const { sub, role, jti, exp, stamp } = Claims.parse(payload)
        return { id: jti, caller: { role, id: sub }, stamp: stamp ?? null, expiresAt: exp * 1000 }
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null
        throw error
      }
    },
  }
}

/** The signature covers the spelling of what stands before it, but not its own: the last character of one has bits that mean nothing. One session, one text. */
function isSpelledAsWritten(text: string): boolean {
  const signature = text.slice(text.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}
