import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Role } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import type { Access } from '../controlRoom.ts'
import type { Addresses } from './addresses.ts'
import { bearerIn, readCookie } from './gate.ts'
import type { RefusalLog } from './refusalLog.ts'
import { sendJson } from './replies.ts'

export const LOGIN_PATH = '/api/auth/login'
export const LOGOUT_PATH = '/api/auth/logout'
const LARGEST_LOGIN_BYTES = 10_000

/** Whoever comes here is nobody yet: this is no command of the contract, whose callers are known. */
export const LoginInput = z.strictObject({ username: z.string().min(1).max(200), password: z.string().min(1).max(2000) })
export const LoginOutput = z.object({ token: z.string(), expires_at: z.iso.datetime(), role: Role.exclude(['agent']) })

export interface LoginOptions {
  readonly access: Access
  readonly onRefusal: RefusalLog
  readonly addresses: () => Addresses
}

/** Name and password → a bearer token for programs, and for our own page the session cookie; and the end of both. */
export function addLogin(app: FastifyInstance, { access, onRefusal, addresses }: LoginOptions): void {
  app.post(LOGIN_PATH, { config: { isOpen: true }, bodyLimit: LARGEST_LOGIN_BYTES }, async (request, reply) => {
    const input = LoginInput.safeParse(request.body)
    if (!input.success) throw new AppError('INVALID_INPUT', 'A sign-in is {"username": …, "password": …} and nothing else.')
    const { username, password } = input.data
    const refused = (error: AppError): never => {
      onRefusal(request.raw, error)
      throw error
    }
    const signedIn = await access.signIn({ name: username, password, address: addressOf(request) }).catch((problem: unknown) => {
      if (!(problem instanceof AppError) || problem.code !== 'RATE_LIMITED') throw problem
      void reply.header('retry-after', String((problem.details as { waitSeconds: number }).waitSeconds))
      return refused(problem)
    })
    if (signedIn === null) return refused(new AppError('UNAUTHENTICATED', 'Name or password is wrong.'))
    const { origin } = request.headers
    // A browser keeps no token where scripts could read it.
    if (origin !== undefined && addresses().ownOrigins.has(origin)) {
      void reply.header('set-cookie', sessionCookie(addresses(), signedIn.session, signedIn.maxAgeSeconds))
    }
    const { token, expiresAt, role } = signedIn
    return sendJson(reply, { token, expires_at: new Date(expiresAt).toISOString(), role } satisfies z.infer<typeof LoginOutput>)
  })

  app.post(LOGOUT_PATH, async (request, reply) => {
    const { authorization, cookie } = request.headers
    const session = authorization === undefined ? readCookie(cookie, addresses().cookieName) : bearerIn(authorization)
    if (session === null || !(await access.signOut(session))) {
      throw new AppError('INVALID_INPUT', 'This token is of no sign-in and does not end with one: revoke it with "iron_cage tokens revoke", or delete it.')
    }
    return sendJson(reply.header('set-cookie', sessionCookie(addresses(), '', 0)), {})
  })
}

export function sessionCookie({ cookieName }: Addresses, session: string, maxAgeSeconds: number): string {
  return `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`
}

/** This door is open to the machine alone, which has many addresses and is one place. */
export function addressOf(request: FastifyRequest): string {
  const { remoteAddress = '' } = request.raw.socket
  return /^(::ffff:)?127\.|^::1$/.test(remoteAddress) ? 'this machine' : remoteAddress
}
