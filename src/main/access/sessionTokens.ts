import { hkdfSync } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { Role, type Caller } from '../../shared/domain/roles.ts'
import type { Clock, Random } from '../ports.ts'

export const SESSION_SECONDS = 12 * 60 * 60

/** The one algorithm: a session that names another is none. */
const ALGORITHM = 'HS256'
const ISSUER = 'iron-cage'
const AUDIENCE = 'iron-cage/session'

const Claims = z.object({ sub: z.string().min(1), role: Role, jti: z.string().min(1) })

export interface SessionTokens {
  sign(caller: Caller): Promise<string>
  verify(session: string): Promise<Caller | null>
}

/** Sessions are signed with a key derived from the owner token: a new owner token ends them all. */
export function createSessionTokens(ownerToken: string, { clock, random }: { clock: Clock; random: Random }): SessionTokens {
  const key = new Uint8Array(hkdfSync('sha256', ownerToken, '', 'iron-cage session signing key, version 1', 32))

  return {
    sign(caller) {
      const now = Math.floor(clock.now() / 1000)
      return new SignJWT({ role: caller.role })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setSubject(caller.id)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setJti(random.hex(16))
        .setIssuedAt(now)
        .setExpirationTime(now + SESSION_SECONDS)
        .sign(key)
    },

    async verify(session) {
      try {
        const { payload } = await jwtVerify(session, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'jti', 'iat', 'exp'],
          currentDate: new Date(clock.now()),
        })
        const claims = Claims.parse(payload)
        return { role: claims.role, id: claims.sub }
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null
        throw error
      }
    },
  }
}
