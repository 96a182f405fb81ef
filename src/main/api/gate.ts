import type { IncomingMessage } from 'node:http'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import type { Access } from '../controlRoom.ts'
import type { Addresses } from './addresses.ts'
import type { RefusalLog } from './refusalLog.ts'

/** Stands before every route and before the WebSocket upgrade. */
export interface Gate {
  /** Refuses a request under a foreign name or from a foreign page; asked before anything else. */
  examine(request: IncomingMessage): void
  /** Tells who asks, or refuses. */
  authenticate(request: IncomingMessage): Promise<Caller>
  /** Whether what let this caller in still does. */
  isStillIn(request: IncomingMessage, caller: Caller): Promise<boolean>
}

export function createGate(access: Access, addresses: Addresses, onRefusal: RefusalLog): Gate {
  function refuse(request: IncomingMessage, code: 'FORBIDDEN' | 'UNAUTHENTICATED', sentence: string): never {
    const error = new AppError(code, sentence)
    onRefusal(request, error)
    throw error
  }

  /** A browser sends its cookie whoever wrote the page, other local ports included: the page must be ours. */
  async function callerOfCookie(request: IncomingMessage): Promise<Caller | null> {
    const session = readCookie(request.headers.cookie, addresses.cookieName)
    if (session === null) return null
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const isOurPage = origin === undefined ? isPlainRead(request) : addresses.ownOrigins.has(origin)
    if (isOurPage && (site === undefined || site === 'same-origin' || site === 'none')) return access.fromSession(session)
    return refuse(request, 'FORBIDDEN', 'A signed-in browser may ask this only from a page of the control room itself.')
  }

  async function callerOf(request: IncomingMessage): Promise<Caller | null> {
    const { authorization } = request.headers
    return authorization === undefined ? callerOfCookie(request) : access.fromBearer(bearerIn(authorization))
  }

  return {
    examine(request) {
      if (!request.url?.startsWith('/')) refuse(request, 'FORBIDDEN', 'A request names a path of this room, such as /api/health.')
      const host = onlyHostOf(request)
      if (host === null || !addresses.hosts.has(host)) {
        refuse(request, 'FORBIDDEN', `This room answers to ${[...addresses.hosts].join(', ')} and to no other host name.`)
      }
      const { origin } = request.headers
      if (origin === undefined || addresses.ownOrigins.has(origin) || addresses.foreignOrigins.has(origin)) return
      refuse(request, 'FORBIDDEN', 'Pages of this origin may not talk to the control room.')
    },

    authenticate: async (request) => (await callerOf(request)) ?? refuse(request, 'UNAUTHENTICATED', HOW_TO_COME_IN),

    async isStillIn(request, { role, id }) {
      const caller = await callerOf(request)
      return caller?.role === role && caller.id === id
    },
  }
}

/** Empty where the header holds something else. */
export function bearerIn(authorization: string): string {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
}

const HOW_TO_COME_IN =
  'This needs a bearer token (the owner\'s is in "owner.token" in the data folder; POST /api/auth/login gives one for a password) or a browser that has signed in.'

/** Browsers leave the origin out of a page's own reads, and of nothing else. */
function isPlainRead(request: IncomingMessage): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && request.headers.upgrade === undefined
}

/** Node keeps the first of two Host headers; a proxy in between may have believed the second. */
function onlyHostOf(request: IncomingMessage): string | null {
  const hosts = request.rawHeaders.filter((_text, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host')
  return hosts.length === 1 ? hosts[0]! : null
}

export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.split('=', 2)
    if (key?.trim() === name && value) return value.trim()
  }
  return null
}
