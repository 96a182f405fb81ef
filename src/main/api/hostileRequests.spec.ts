import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../shared/contract/contract.ts'
import { openApi, type Api } from './openApi.ts'
import { restRoutes } from './restRoutes.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'
import { FOREIGN_HOSTS, FOREIGN_ORIGINS, forgeriesOf } from './testForgeries.ts'
import { ask, askRaw } from './testHttp.ts'
import { AGENT_ID, createTestRoom, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'

let test: TestRoom
let api: Api
let session: string
let revokedToken: string
let endedToken: string
const handled: string[] = []

beforeAll(async () => {
  // Whatever gets through to a handler is seen here.
  const commandHandlers = Object.fromEntries(
    Object.keys(commands).map((name) => [name, () => { handled.push(name) }]),
  )
  test = await createTestRoom({ commandHandlers: commandHandlers as never })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3', allowedOrigins: ['https://tool.example'] })
  session = (await test.room.access.redeemCode(test.room.access.createCode()))!.session
  const revoked = await test.apiTokens.create({ label: 'invented', role: 'admin', agentId: null })
  revokedToken = revoked.token
  await test.apiTokens.revoke(revoked.id)
  await test.accounts.add({ name: 'ada', role: 'admin', password: 'an invented password' })
  endedToken = (await test.room.access.signIn({ name: 'ada', password: 'an invented password', address: 'here' }))!.token
  await test.room.access.signOut(endedToken)
})
afterAll(async () => {
  await api.close()
  await test.remove()
})

/** A refusal that comes after the deed is none. */
afterEach(() => expect(handled).toEqual([]))

const concrete = (path: string): string => path.replace(':agentId', AGENT_ID).replace(/:\w+/g, 'x')

/** Every address there is: a new command is in here by itself. */
const routes = [
  ...restRoutes().map((route) => ({ method: route.method, path: concrete(route.path), isOpen: false })),
  { method: 'GET', path: '/api/health', isOpen: true },
  { method: 'GET', path: '/api/openapi.json', isOpen: true },
  { method: 'GET', path: '/sign-in?code=x', isOpen: true },
  { method: 'HEAD', path: '/sign-in?code=x', isOpen: true },
  { method: 'POST', path: '/sign-in', isOpen: true },
  { method: 'POST', path: '/api/auth/login', isOpen: true },
  { method: 'POST', path: '/api/auth/logout', isOpen: false },
  { method: 'GET', path: '/', isOpen: true },
  { method: 'GET', path: '/assets/index.js', isOpen: true },
  { method: 'GET', path: '/nowhere', isOpen: true },
  { method: 'GET', path: '/api/nowhere', isOpen: false },
]
const closedRoutes = routes.filter((route) => !route.isOpen)
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`

const owner = (): Record<string, string> => ({ authorization: `Bearer ${test.ownerToken}` })
const cookie = (): Record<string, string> => ({ cookie: `iron_cage_${api.port}=${session}` })
const own = (): string => `http://127.0.0.1:${api.port}`

describe.each(routes.map((route) => [nameOf(route), route] as const))('%s', (_name, { method, path }) => {
  it('answers to no foreign host name, whatever token comes with it', async () => {
    for (const [what, host] of FOREIGN_HOSTS) {
      const answer = await ask(api.port, path, { method, headers: { ...owner(), host: host(api.port) } })
      if (method === 'HEAD') expect([what, answer.status]).toEqual([what, 403])
      else expectRefusal(answer, 'FORBIDDEN')
    }
  })

  it('answers to no request without a host name', async () => {
    expect((await ask(api.port, path, { method, headers: { ...owner(), host: null } })).status).toBe(403)
  })

  it('answers to no request with two', async () => {
    const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${api.port}`, 'Host: evil.example', 'Connection: close']
    expect((await askRaw(api.port, `${lines.join('\r\n')}\r\nAuthorization: Bearer ${test.ownerToken}\r\n\r\n`)).status).toBe(403)
  })

  it('answers to no foreign page, whatever token comes with it', async () => {
    for (const [what, origin] of FOREIGN_ORIGINS) {
      const answer = await ask(api.port, path, { method, headers: { ...owner(), origin: origin(api.port) } })
      expect([what, answer.status, answer.headers['access-control-allow-origin']]).toEqual([what, 403, undefined])
    }
  })

  it('sends the security headers', async () => {
    expect((await ask(api.port, path, { method })).headers).toMatchObject(SECURITY_HEADERS)
  })
})

const WRONG_AUTHORIZATIONS: [string, () => string][] = [
  ['a wrong token', () => `Bearer ${'0'.repeat(64)}`],
  ['the token without its last digit', () => `Bearer ${test.ownerToken.slice(0, -1)}`],
  ['the hash of the token', () => `Bearer ${createHash('sha256').update(test.ownerToken).digest('hex')}`],
  ['another scheme', () => `Basic ${Buffer.from(`owner:${test.ownerToken}`).toString('base64')}`],
  ['no scheme', () => test.ownerToken],
  ['two tokens', () => `Bearer wrong ${test.ownerToken}`],
  ['more after the token', () => `Bearer ${test.ownerToken} and more`],
  ['no token', () => 'Bearer'],
  ['an empty one', () => ''],
  ['a session', () => `Bearer ${session}`],
  ['a revoked API token', () => `Bearer ${revokedToken}`],
  ['an altered API token', () => `Bearer ${test.viewerToken.slice(0, -2)}${test.viewerToken.endsWith('AA') ? 'BB' : 'AA'}`],
  ['a token of a sign-in that has ended', () => `Bearer ${endedToken}`],
  ['an unsigned token', () => `Bearer ${forgeriesOf(endedToken)[0]![1]}`],
]

describe.each(closedRoutes.map((route) => [nameOf(route), route] as const))('%s', (_name, { method, path }) => {
  it('asks who is there', async () => {
    const answer = await ask(api.port, path, { method })
    expectRefusal(answer, 'UNAUTHENTICATED')
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })

  it('takes no token from the query', async () => {
    for (const name of ['token', 'access_token', 'authorization', 'code']) {
      expectRefusal(await ask(api.port, `${path}?${name}=${test.ownerToken}`, { method }), 'UNAUTHENTICATED')
    }
  })

  it('lets no wrong token in, not even beside a good cookie', async () => {
    for (const [what, authorization] of WRONG_AUTHORIZATIONS) {
      const answer = await ask(api.port, path, { method, headers: { ...cookie(), origin: own(), authorization: authorization() } })
      expect([what, answer.status]).toEqual([what, 401])
    }
  })

  it('lets no wrong cookie in', async () => {
    const wrong = [`iron_cage_${api.port}=`, `iron_cage_${api.port}=${test.ownerToken}`, `iron_cage_${api.port + 1}=${session}`, `iron_cage=${session}`, `x=${session}`]
    for (const text of wrong) expectRefusal(await ask(api.port, path, { method, headers: { origin: own(), cookie: text } }), 'UNAUTHENTICATED')
  })

  it('believes a cookie only when the page is our own', async () => {
    const pages: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-site', origin: own() },
      { origin: 'https://tool.example' },
      ...(method === 'GET' ? [] : [{}, { 'sec-fetch-site': 'same-origin' }]),
    ]
    for (const page of pages) expectRefusal(await ask(api.port, path, { method, headers: { ...cookie(), ...page } }), 'FORBIDDEN')
  })

  it('lets the owner through, by token and by cookie, so that each refusal above has one reason', async () => {
    const ways = [owner(), { ...cookie(), origin: own() }, { ...cookie(), origin: `http://localhost:${api.port}`, host: `localhost:${api.port}` }]
    // A sign-out ends the session that it comes with.
    for (const headers of path === '/api/auth/logout' ? ways.slice(0, 1) : ways) {
      const { status } = await ask(api.port, path, { method, headers })
      expect([401, 403]).not.toContain(status)
    }
    handled.length = 0
  })
})

describe('a page from an allowed origin', () => {
  const origin = 'https://tool.example'

  it('may read the answer, but not with a cookie', async () => {
    const answer = await ask(api.port, '/api/health', { headers: { origin } })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' })
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  })

  it('reads refusals too', async () => {
    expect((await ask(api.port, '/api/agents', { headers: { origin } })).headers['access-control-allow-origin']).toBe(origin)
  })

  it('gets an answer to its preflight without a token, and nothing is done', async () => {
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
    const answer = await ask(api.port, '/api/stop', { method: 'OPTIONS', headers })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, content-type',
    })
  })

  it('is the only foreign one: our own page needs no such header, and others get none', async () => {
    expect((await ask(api.port, '/api/health', { headers: { origin: own() } })).headers['access-control-allow-origin']).toBeUndefined()
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    expectRefusal(await ask(api.port, '/api/stop', { method: 'OPTIONS', headers: preflight }), 'FORBIDDEN')
  })
})

describe('a request that is hardly one', () => {
  const head = (): string => `Host: 127.0.0.1:${api.port}\r\nAuthorization: Bearer ${test.ownerToken}\r\n`

  it.each([
    ['no HTTP at all', () => 'hello there\r\n\r\n', 400],
    ['an unknown method', () => `SUMMON /api/agents HTTP/1.1\r\n${head()}\r\n`, 400],
    ['a header without a name', () => `GET /api/agents HTTP/1.1\r\n${head()}: x\r\n\r\n`, 400],
    ['headers without end', () => `GET /api/agents HTTP/1.1\r\n${head()}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', () => `POST /api/agents HTTP/1.1\r\n${head()}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    ['a length and chunks', () => `POST /api/agents HTTP/1.1\r\n${head()}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400],
    ['a chunk of no size', () => `POST /api/agents HTTP/1.1\r\n${head()}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ])('(%s) is refused in the one shape', async (_what, bytes, status) => {
    expectRefusal(await askRaw(api.port, bytes()), 'INVALID_INPUT', status)
  })

  it.each([
    ['an absolute address', () => `GET http://127.0.0.1:${api.port}/api/health HTTP/1.1`],
    ['a foreign absolute address', () => 'GET http://evil.example/api/health HTTP/1.1'],
    ['the whole server', () => 'OPTIONS * HTTP/1.1'],
  ])('(%s) is refused', async (_what, line) => {
    expectRefusal(await askRaw(api.port, `${line()}\r\n${head()}Connection: close\r\n\r\n`), 'FORBIDDEN')
  })

  it.each(['/api/agents/%zz/status', '/%', '/api/%c0%80'])('(%s) is refused', async (path) => {
    expectRefusal(await ask(api.port, path, { headers: owner() }), 'INVALID_INPUT')
  })

  it('(HTTP/1.0 without a host) is refused', async () => {
    expectRefusal(await askRaw(api.port, 'GET /api/health HTTP/1.0\r\n\r\n'), 'FORBIDDEN')
  })

  it('leaves the door open for others', async () => {
    expect(JSON.parse((await ask(api.port, '/api/health')).text)).toEqual({ status: 'ok', version: '1.2.3' })
  })
})
