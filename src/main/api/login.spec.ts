import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ADDRESS_LIMIT, NAME_LIMIT } from '../access/signInLimits.ts'
import { countedPasswords, type CountedPasswords } from '../access/testAccess.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openApi, type Api } from './openApi.ts'
import { forgeriesOf } from './testForgeries.ts'
import { ask, type Answer } from './testHttp.ts'
import { createTestRoom, type TestRoom } from './testRoom.ts'
import { expectRefusal } from './testShapes.ts'
import { openSocket, refusedSocket } from './testSocket.ts'

const PASSWORD = 'an invented password'
let test: TestRoom
let api: Api
let clock: TestClock
let passwords: CountedPasswords

beforeEach(async () => {
  clock = createTestClock()
  passwords = countedPasswords()
  test = await createTestRoom({
    clock,
    passwords,
    commandHandlers: {
      'agent.list': () => ({ agents: [], seq: 4 }),
      'room.identity': (_input, caller) => ({ caller, version: '1.2.3', host: 'browser' as const, dataFolder: '/invented' }),
    },
  })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3', allowedOrigins: ['https://tool.example'], clock })
  await test.accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD })
  await test.accounts.add({ name: 'grace', role: 'admin', password: PASSWORD })
})
afterEach(async () => {
  const closing = api.close()
  // Viewers that do not answer the goodbye.
  clock.advance(1000)
  await closing
  await test.remove()
})

const own = (): string => `http://127.0.0.1:${api.port}`
const login = (username: string, password = PASSWORD, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.port, '/api/auth/login', { method: 'POST', body: { username, password }, headers })
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const tokenOf = (answer: Answer): string => (JSON.parse(answer.text) as { token: string }).token
const cookieOf = (answer: Answer): string => (answer.headers['set-cookie'] as unknown as string[])[0]!.split(';')[0]!
const callerOf = async (headers: Record<string, string>): Promise<unknown> =>
  (JSON.parse((await ask(api.port, '/api/identity', { headers })).text) as { caller?: unknown }).caller ?? null

describe('PUT /api/account/password', () => {
  const NEW = 'another invented one'
  const change = (token: string, body: unknown): Promise<Answer> => ask(api.port, '/api/account/password', { method: 'PUT', headers: bearer(token), body })

  it('gives viewers and admins another password for the one that holds, and ends all that they had open', async () => {
    for (const name of ['ada', 'grace']) {
      const [token, other] = [tokenOf(await login(name)), tokenOf(await login(name))]
      const answer = await change(token, { current: PASSWORD, password: NEW })
      expect([answer.status, answer.text]).toEqual([200, '{}'])
      for (const ended of [token, other]) expectRefusal(await ask(api.port, '/api/identity', { headers: bearer(ended) }), 'UNAUTHENTICATED')
      expect([(await login(name)).status, (await login(name, NEW)).status]).toEqual([401, 200])
    }
    expect(test.logged.filter(({ event }) => event === 'access.passwordChanged').map(({ msg }) => msg)).toEqual(['ada has another password, by ada (viewer).', 'grace has another password, by grace (admin).'])
    expect(JSON.stringify(test.logged)).not.toContain(NEW)
  })

  it.each([
    ['a wrong password', { current: 'not the password', password: NEW }, 'FORBIDDEN'],
    ['none', { password: NEW }, 'INVALID_INPUT'],
    ['the password itself as the new one', { current: PASSWORD, password: PASSWORD }, 'INVALID_INPUT'],
    ['one that is too short', { current: PASSWORD, password: 'short' }, 'INVALID_INPUT'],
    ['somebody else’s name', { current: PASSWORD, password: NEW, name: 'grace' }, 'INVALID_INPUT'],
  ] as const)('refuses %s, and changes nothing', async (_what, body, code) => {
    const token = tokenOf(await login('ada'))
    const answer = await change(token, body)
    expectRefusal(answer, code)
    for (const word of [PASSWORD, NEW, 'not the password']) expect(answer.text).not.toContain(word)
    expect((await login('ada')).status).toBe(200)
    expect(await callerOf(bearer(token))).toEqual({ role: 'viewer', id: 'ada' })
  })

  it('is no way to guess: too many wrong ones are refused unread, the right one too', async () => {
    const token = tokenOf(await login('ada'))
    for (let count = 0; count < NAME_LIMIT.most; count++) expectRefusal(await change(token, { current: `guess ${count}`, password: NEW }), 'FORBIDDEN')
    const compared = passwords.compared.length
    expectRefusal(await change(token, { current: PASSWORD, password: NEW }), 'RATE_LIMITED')
    expect(passwords.compared).toHaveLength(compared)
    clock.advance(NAME_LIMIT.withinMs)
    expect((await change(token, { current: PASSWORD, password: NEW })).status).toBe(200)
  })

  it('is for who has one: neither the owner nor a token', async () => {
    for (const token of [test.ownerToken, test.viewerToken]) expectRefusal(await change(token, { current: PASSWORD, password: NEW }), 'CONFLICT')
  })
})

describe('POST /api/auth/login', () => {
  it('gives a program a token for twelve hours, and no cookie', async () => {
    const answer = await login('ada')
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string, expires_at: '2026-11-22T02:23:45.000Z', role: 'viewer' },
    ])
    expect([answer.headers['set-cookie'], answer.headers['cache-control']]).toEqual([undefined, 'no-store'])
    expect(await callerOf(bearer(tokenOf(answer)))).toEqual({ role: 'viewer', id: 'ada' })
  })

  it('gives our own page its cookie too, which is no bearer token, nor the token a cookie', async () => {
    const answer = await login('ada', PASSWORD, { origin: own(), 'sec-fetch-site': 'same-origin' })
    expect((answer.headers['set-cookie'] as unknown as string[])[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    const cookie = cookieOf(answer)
    expect(await callerOf({ cookie })).toEqual({ role: 'viewer', id: 'ada' })
    const [name = '', session = ''] = cookie.split('=')
    expectRefusal(await ask(api.port, '/api/identity', { headers: bearer(session) }), 'UNAUTHENTICATED')
    expectRefusal(await ask(api.port, '/api/identity', { headers: { cookie: `${name}=${tokenOf(answer)}` } }), 'UNAUTHENTICATED')
  })

  it('gives an allowed foreign page the token, and no cookie', async () => {
    const answer = await login('ada', PASSWORD, { origin: 'https://tool.example' })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined])
  })

  it('says the same of a wrong password and of a name that is not there, after one comparison each', async () => {
    const answers = [await login('ada', 'wrong'), await login('nobody'), await login('not a name'), await login('owner', test.ownerToken)]
    const texts = answers.map((answer) => {
      expectRefusal(answer, 'UNAUTHENTICATED')
      return answer.text
    })
    expect(new Set(texts).size).toBe(1)
    expect(passwords.compared).toHaveLength(4)
  })

  it.each([
    ['nothing', undefined],
    ['no object', '[]'],
    ['no password', { username: 'ada' }],
    ['a list for a name', { username: ['ada'], password: PASSWORD }],
    ['a key too many', { username: 'ada', password: PASSWORD, role: 'admin' }],
    ['a form', 'username=ada&password=x'],
  ])('takes no %s, and repeats nothing of it', async (_what, body) => {
    const isForm = body === 'username=ada&password=x'
    const answer = await ask(api.port, '/api/auth/login', { method: 'POST', body, ...(isForm ? { headers: { 'content-type': 'application/x-www-form-urlencoded' } } : {}) })
    expect([400, 415]).toContain(answer.status)
    expect(answer.text).not.toContain(PASSWORD)
    expect(passwords.compared).toEqual([])
  })

  it('is refused after ten failures of one name, right or wrong, there or not, and says how long', async () => {
    for (const name of ['ada', 'nobody']) {
      for (let count = 0; count < NAME_LIMIT.most; count++) expect((await login(name, 'wrong')).status).toBe(401)
      const answer = await login(name)
      expect(expectRefusal(answer, 'RATE_LIMITED')).toMatchObject({ details: { waitSeconds: 300 } })
      expect(answer.headers['retry-after']).toBe('300')
    }
    expect((await login('grace')).status).toBe(200)
    clock.advance(NAME_LIMIT.withinMs)
    expect((await login('ada')).status).toBe(200)
  })

  it('is refused after thirty failures from one address, whatever the names, whichever of its addresses the machine uses', async () => {
    for (let count = 0; count < ADDRESS_LIMIT.most; count++) await login(`name-${count}`)
    expectRefusal(await login('ada'), 'RATE_LIMITED')
    expect((await login('ada', PASSWORD, { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.7' })).status).toBe(429)
    clock.advance(ADDRESS_LIMIT.withinMs)
    expect((await login('ada')).status).toBe(200)
  })

  it('cannot be hurried past its limit by asking a hundred times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => login('ada', 'wrong')))
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(NAME_LIMIT.most)
    expect(passwords.compared).toHaveLength(NAME_LIMIT.most)
  })

  it('writes a failure down without the name or the password', async () => {
    await login('ada', 'wrong-password-of-ada')
    expect(test.logged).toMatchObject([{ level: 'WARN', event: 'api.refused', fields: { code: 'UNAUTHENTICATED', path: '/api/auth/login' } }])
    expect(JSON.stringify(test.logged)).not.toMatch(/wrong-password|ada/)
  })
})

describe('a token of a sign-in', () => {
  it('is refused in every forged shape, over REST and over the WebSocket', async () => {
    const token = tokenOf(await login('grace'))
    expect(await callerOf(bearer(token))).toEqual({ role: 'admin', id: 'grace' })
    for (const [what, forged] of forgeriesOf(token)) {
      const answer = await ask(api.port, '/api/agents', { headers: bearer(forged) })
      expect([what, answer.status]).toEqual([what, 401])
      expectRefusal(await refusedSocket(api.port, bearer(forged)), 'UNAUTHENTICATED')
    }
  })

  it('is refused when it is signed with what an attacker may know', async () => {
    const token = tokenOf(await login('grace'))
    const [header, payload] = token.split('.')
    for (const key of ['', 'secret', PASSWORD, test.viewerToken, 'iron-cage', token]) {
      const signature = createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url')
      expectRefusal(await ask(api.port, '/api/agents', { headers: bearer(`${header}.${payload}.${signature}`) }), 'UNAUTHENTICATED')
    }
  })

  it('ends after twelve hours', async () => {
    const token = tokenOf(await login('ada'))
    clock.advance(12 * 60 * 60 * 1000 - 1)
    expect((await ask(api.port, '/api/agents', { headers: bearer(token) })).status).toBe(200)
    clock.advance(1)
    expectRefusal(await ask(api.port, '/api/agents', { headers: bearer(token) }), 'UNAUTHENTICATED')
  })

  it('opens what its role may, and no more', async () => {
    const token = tokenOf(await login('ada'))
    expect((await ask(api.port, '/api/agents', { headers: bearer(token) })).status).toBe(200)
    for (const [method, path] of [['GET', '/api/users'], ['POST', '/api/stop'], ['POST', '/api/link'], ['DELETE', '/api/users/grace'], ['GET', '/api/tokens']] as const) {
      expectRefusal(await ask(api.port, path, { method, headers: bearer(token) }), 'FORBIDDEN')
    }
  })
})

describe('POST /api/auth/logout', () => {
  const logout = (headers: Record<string, string>): Promise<Answer> => ask(api.port, '/api/auth/logout', { method: 'POST', headers })

  it('ends the token that it comes with, at once, and no other', async () => {
    const [one, other] = [tokenOf(await login('ada')), tokenOf(await login('ada'))]
    expect((await logout(bearer(one))).text).toBe('{}')
    expectRefusal(await ask(api.port, '/api/agents', { headers: bearer(one) }), 'UNAUTHENTICATED')
    expectRefusal(await logout(bearer(one)), 'UNAUTHENTICATED')
    expect(await callerOf(bearer(other))).toEqual({ role: 'viewer', id: 'ada' })
  })

  it('ends a browser’s session with the token of the same sign-in, and takes its cookie away', async () => {
    const signedIn = await login('ada', PASSWORD, { origin: own() })
    const cookie = cookieOf(signedIn)
    const answer = await logout({ cookie, origin: own() })
    expect((answer.headers['set-cookie'] as unknown as string[])[0]).toBe(`iron_cage_${api.port}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
    expect([await callerOf({ cookie }), await callerOf(bearer(tokenOf(signedIn)))]).toEqual([null, null])
  })

  it('ends the owner’s session from a link too', async () => {
    const { session } = (await test.room.access.redeemCode(test.room.access.createCode()))!
    const cookie = `iron_cage_${api.port}=${session}`
    expect((await logout({ cookie, origin: own() })).status).toBe(200)
    expect(await callerOf({ cookie })).toBeNull()
  })

  it('cannot be sent for somebody by another page, or by nobody', async () => {
    const cookie = cookieOf(await login('ada', PASSWORD, { origin: own() }))
    expectRefusal(await logout({ cookie }), 'FORBIDDEN')
    expectRefusal(await logout({ cookie, origin: 'https://tool.example' }), 'FORBIDDEN')
    expectRefusal(await logout({}), 'UNAUTHENTICATED')
    expect(await callerOf({ cookie })).toEqual({ role: 'viewer', id: 'ada' })
  })

  it('says of a token that is of no sign-in how it ends', async () => {
    expectRefusal(await logout(bearer(test.ownerToken)), 'INVALID_INPUT')
    expectRefusal(await logout(bearer(test.viewerToken)), 'INVALID_INPUT')
    expect((await ask(api.port, '/api/agents', { headers: bearer(test.viewerToken) })).status).toBe(200)
  })
})

describe('what a sign-in or a token has open', () => {
  const ENDED = { code: 1008, reason: 'This sign-in has ended.' }
  const asOwner = (method: string, path: string, body?: unknown): Promise<Answer> => ask(api.port, path, { method, body, headers: bearer(test.ownerToken) })

  async function openAs(headers: Record<string, string>): Promise<Awaited<ReturnType<typeof openSocket>>> {
    const socket = await openSocket(api.port, headers)
    socket.send({ id: 1, request: 'agent.list', input: {} })
    await socket.next()
    return socket
  }

  it('is closed with the sign-out of that sign-in, before the answer, and nothing else is', async () => {
    const signedIn = await login('ada', PASSWORD, { origin: own() })
    const sockets = [await openAs(bearer(tokenOf(signedIn))), await openAs({ cookie: cookieOf(signedIn), origin: own() })]
    const others = [await openAs(bearer(tokenOf(await login('ada')))), await openAs(bearer(test.ownerToken)), await openAs(bearer(test.viewerToken))]
    await ask(api.port, '/api/auth/logout', { method: 'POST', headers: bearer(tokenOf(signedIn)) })
    // Deaf from that moment on, even before the goodbye has arrived.
    for (const socket of sockets) socket.webSocket.send(JSON.stringify({ id: 2, request: 'agent.list', input: {} }))
    for (const socket of sockets) {
      expect(await socket.closed).toEqual(ENDED)
      expect(socket.received.map(({ id }) => id)).toEqual([1])
    }
    for (const socket of others) {
      socket.send({ id: 2, request: 'agent.list', input: {} })
      expect(await socket.next()).toEqual({ id: 2, output: { agents: [], seq: 4 } })
    }
  })

  it.each([
    ['with the user', () => asOwner('DELETE', '/api/users/ada')],
    ['with another password', () => asOwner('PUT', '/api/users/ada/password', { password: 'another invented one' })],
  ])('is closed %s', async (_what, end) => {
    const token = tokenOf(await login('ada'))
    const socket = await openAs(bearer(token))
    expect((await end()).status).toBe(200)
    expect(await socket.closed).toEqual(ENDED)
    expectRefusal(await ask(api.port, '/api/agents', { headers: bearer(token) }), 'UNAUTHENTICATED')
  })

  it('is closed with an API token', async () => {
    const { id, token } = JSON.parse((await asOwner('POST', '/api/tokens', { label: 'dashboard', role: 'viewer' })).text) as { id: string; token: string }
    const socket = await openAs(bearer(token))
    expect((await asOwner('DELETE', `/api/tokens/${id}`)).status).toBe(200)
    expect(await socket.closed).toEqual(ENDED)
    expectRefusal(await ask(api.port, '/api/agents', { headers: bearer(token) }), 'UNAUTHENTICATED')
  })

  it('is closed within a minute after its twelve hours', async () => {
    const token = tokenOf(await login('ada'))
    clock.advance(12 * 60 * 60 * 1000 - 1000)
    const socket = await openAs(bearer(token))
    clock.advance(1000)
    for (let second = 0; second < 60; second++) {
      clock.advance(1000)
      // Its pongs need a turn.
      await new Promise(setImmediate)
    }
    expect(await socket.closed).toEqual(ENDED)
  })

  it('is closed where it can no longer be told whose it is', async () => {
    const socket = await openAs(bearer(test.viewerToken))
    test.room.access.fromBearer = () => Promise.reject(new TypeError('invented'))
    await test.accounts.remove('ada')
    expect(await socket.closed).toEqual(ENDED)
    expect(test.logged.at(-1)).toMatchObject({ event: 'api.defect' })
  })

  it('is not let in by what ended while it was being let in', async () => {
    const token = tokenOf(await login('ada'))
    const { fromBearer } = test.room.access
    test.room.access.fromBearer = async (text) => {
      const caller = await fromBearer(text)
      test.room.access.fromBearer = fromBearer
      await test.accounts.remove('ada')
      return caller
    }
    const socket = await openSocket(api.port, bearer(token))
    expect(await socket.closed).toEqual(ENDED)
  })
})

describe('users and tokens over REST', () => {
  it('are made, listed and taken away, without a hash in any answer; who did it stands in the log', async () => {
    const as = (method: string, path: string, body?: unknown): Promise<Answer> => ask(api.port, path, { method, body, headers: bearer(test.ownerToken) })
    const added = await as('POST', '/api/users', { name: 'mary', role: 'viewer', password: PASSWORD })
    expect(JSON.parse(added.text)).toEqual({ name: 'mary', role: 'viewer', createdAt: clock.now(), lastSeenAt: null })
    const listed = (await as('GET', '/api/users')).text
    expect((JSON.parse(listed) as { users: { name: string }[] }).users.map(({ name }) => name)).toEqual(['ada', 'grace', 'mary'])
    expect(listed).not.toMatch(/hash|stamp|\$2b/i)
    expectRefusal(await as('POST', '/api/users', { name: 'mary', role: 'viewer', password: PASSWORD }), 'CONFLICT')
    expectRefusal(await as('POST', '/api/users', { name: 'lisa', role: 'agent', password: PASSWORD }), 'INVALID_INPUT')
    expect(expectRefusal(await as('POST', '/api/users', { name: 'lisa', role: 'viewer', password: 'short' }), 'INVALID_INPUT').message).not.toContain('short')
    expect((await as('DELETE', '/api/users/mary')).text).toBe('{}')
    expectRefusal(await as('DELETE', '/api/users/mary'), 'NOT_FOUND')
    const made = JSON.parse((await as('POST', '/api/tokens', { label: 'dashboard', role: 'viewer' })).text) as { id: string; token: string }
    expect((await as('GET', '/api/tokens')).text).not.toContain(made.token)
    expect(test.logged.map(({ event, msg }) => [event, msg])).toEqual([
      ['access.userAdded', 'mary may sign in as viewer, by owner (admin).'],
      ['access.userRemoved', 'mary may no longer sign in, by owner (admin).'],
      ['access.tokenCreated', `${made.id} opens the API as viewer, by owner (admin).`],
    ])
  })
})
