import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ADDRESS_LIMIT, NAME_LIMIT } from '../access/signInLimits.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openApi, type Api } from './openApi.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'
import { ask, type Answer } from './testHttp.ts'
import { createTestRoom, type TestRoom } from './testRoom.ts'

let test: TestRoom
let api: Api
let clock: TestClock

beforeEach(async () => {
  clock = createTestClock()
  test = await createTestRoom({ clock, commandHandlers: { 'agent.list': () => ({ agents: [], seq: 4 }) } })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3', clock })
})
afterEach(async () => {
  await api.close()
  await test.remove()
})

const open = (code: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  ask(api.port, `/sign-in?code=${code}`, { method, headers })

function expectPage(answer: Answer, status: number, sentence: string): void {
  expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([status, 'text/html; charset=utf-8', 'no-store'])
  expect(answer.text).toContain(sentence)
  expect(answer.text).not.toMatch(/<script|<link|<img|<form|\son\w+=|https?:/i)
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(answer.headers).toMatchObject(SECURITY_HEADERS)
}

describe('a sign-in link', () => {
  it('signs a browser in and leads it to the room', async () => {
    const answer = await open(test.room.access.createCode(), { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
    expect([answer.status, answer.headers['location'], answer.headers['cache-control'], answer.text]).toEqual([303, '/', 'no-store', ''])
    const [cookie] = answer.headers['set-cookie'] as unknown as string[]
    expect(cookie).toMatch(new RegExp(`^iron_cage_${api.port}=[\\w-]+\\.[\\w-]+\\.[\\w-]+; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$`))
    const agents = await ask(api.port, '/api/agents', { headers: { cookie: cookie!.split(';')[0]!, 'sec-fetch-site': 'same-origin' } })
    expect(JSON.parse(agents.text)).toEqual({ agents: [], seq: 4 })
  })

  it('works once, and then says how to get another', async () => {
    const code = test.room.access.createCode()
    expect((await open(code)).status).toBe(303)
    expectPage(await open(code), 401, 'This sign-in link has been used already, or is too old.')
  })

  it('that is used leads to the room whoever is signed in already, and signs nobody else in', async () => {
    const code = test.room.access.createCode()
    const [cookie] = (await open(code)).headers['set-cookie'] as unknown as string[]
    const again = await open(code, { cookie: cookie!.split(';')[0]! })
    expect([again.status, again.headers['location'], again.headers['set-cookie']]).toEqual([303, '/', undefined])
    expectPage(await open(code, { cookie: `iron_cage_${api.port}=forged` }), 401, 'This sign-in link')
  })

  it('works for ten minutes', async () => {
    const code = test.room.access.createCode()
    clock.advance(10 * 60_000)
    expectPage(await open(code), 401, 'is too old')
  })

  it.each(['', 'x', '%3Cscript%3E', 'x'.repeat(5000), 'a&code=b', '__proto__', '%00'])('with the code %j is none, and nothing of it is repeated', async (code) => {
    const answer = await open(code)
    expectPage(answer, 401, 'This sign-in link')
    expect(answer.text).not.toContain('x'.repeat(20))
  })

  it.each([
    ['a look at its head', 'HEAD', {}],
    ['a prefetch', 'GET', { 'sec-purpose': 'prefetch' }],
    ['a prerender', 'GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['an older prefetch', 'GET', { purpose: 'prefetch' }],
    ['an image on some page', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a script on some page', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['a frame on some page', 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ])('is not used up by %s', async (_what, method, headers) => {
    const code = test.room.access.createCode()
    const answer = await open(code, headers, method)
    expect([answer.status, answer.headers['set-cookie']]).toEqual([method === 'HEAD' ? 200 : 403, undefined])
    expect((await open(code)).status).toBe(303)
  })

  it('may be tried wrongly twenty times a minute; a good one is not used up meanwhile', async () => {
    const code = test.room.access.createCode()
    for (let count = 0; count < 20; count++) expect((await open('wrong')).status).toBe(401)
    expectPage(await open(code), 429, 'Too many links have failed; wait a minute and try again.')
    clock.advance(60_000)
    expect((await open(code)).status).toBe(303)
  })

  it('is good again at once where the clock was set back after twenty that failed', async () => {
    for (let count = 0; count < 20; count++) await open('wrong')
    clock.advance(-3_600_000)
    expect((await open('wrong')).status).toBe(401)
  })

  it('cannot be made to fail for its owner by images on a page', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    for (let count = 0; count < 30; count++) await open('wrong', headers)
    expect((await open(test.room.access.createCode())).status).toBe(303)
  })
})

describe('the sign-in page', () => {
  const PASSWORD = 'an invented password'
  beforeEach(() => test.accounts.add({ name: 'ada', role: 'viewer', password: PASSWORD }))

  const own = (): string => `http://127.0.0.1:${api.port}`
  const OWN_PAGE = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const send = (fields: Record<string, string>, headers: Record<string, string | null> = {}): Promise<Answer> =>
    ask(api.port, '/sign-in', {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: own(), ...OWN_PAGE, ...headers },
    })

  function expectForm(answer: Answer, status: number, sentence: string): void {
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control'], answer.headers['set-cookie']]).toEqual([status, 'text/html; charset=utf-8', 'no-store', undefined])
    expect(answer.text).toContain(sentence)
    expect(answer.text).toMatch(/<form method="post" action="\/sign-in">/)
    expect(answer.text).not.toMatch(/<script|<link|<img|\son\w+=|https?:/i)
    const style = /<style>([^<]+)<\/style>/.exec(answer.text)![1]!
    const source = `'sha256-${createHash('sha256').update(style).digest('base64')}'`
    const policy = SECURITY_HEADERS['content-security-policy']!.replace(/style-src [^;]+/, `style-src ${source}`).replace("form-action 'none'", "form-action 'self'")
    expect(answer.headers).toMatchObject({ ...SECURITY_HEADERS, 'content-security-policy': policy, 'referrer-policy': 'same-origin' })
    expect(policy).toContain("form-action 'self'")
  }

  it('asks for name and password, and needs no script for it', async () => {
    const answer = await ask(api.port, '/sign-in')
    expectForm(answer, 200, 'asks who you are')
    expect(answer.text).toMatch(/<input id="username" name="username" autocomplete="username"/)
    expect(answer.text).toMatch(/<input id="password" name="password" type="password" autocomplete="current-password"/)
  })

  it('is reached from a link that failed', async () => {
    expect((await open('x')).text).toContain('<a href="/sign-in">Sign in with name and password</a>')
  })

  it('signs a browser in and leads it to the room; whoever is in already goes there at once', async () => {
    const answer = await send({ username: ' ada ', password: PASSWORD })
    expect([answer.status, answer.headers['location'], answer.text]).toEqual([303, '/', ''])
    const [cookie] = answer.headers['set-cookie'] as unknown as string[]
    expect(cookie).toMatch(new RegExp(`^iron_cage_${api.port}=[\\w-]+\\.[\\w-]+\\.[\\w-]+; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$`))
    const headers = { cookie: cookie!.split(';')[0]!, 'sec-fetch-site': 'same-origin' }
    expect(JSON.parse((await ask(api.port, '/api/agents', { headers })).text)).toEqual({ agents: [], seq: 4 })
    const again = await ask(api.port, '/sign-in', { headers: { ...headers, ...OWN_PAGE } })
    expect([again.status, again.headers['location']]).toEqual([303, '/'])
  })

  it('says the same of a wrong password and a name that is not there, and repeats neither', async () => {
    const answers = [await send({ username: 'ada', password: 'wrong-one' }), await send({ username: '<b>nobody', password: 'wrong-one' }), await send({}), await send({ username: 'ada' })]
    for (const answer of answers) expectForm(answer, 401, 'Name or password is wrong.')
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers[0]!.text).not.toMatch(/wrong-one|nobody/)
  })

  it.each([
    ['another page', { origin: 'https://evil.example' }],
    ['another port here', { origin: 'http://127.0.0.1:1' }],
    ['no page', { origin: null }],
    ['a page without a name', { origin: 'null' }],
    ['what a browser calls another site', { 'sec-fetch-site': 'cross-site' }],
    ['what a browser calls the same site', { 'sec-fetch-site': 'same-site' }],
    ['a page that sends JSON', { 'content-type': 'application/json' }],
  ])('takes no form from %s', async (_what, headers: Record<string, string | null>) => {
    const body = headers['content-type'] ? JSON.stringify({ username: 'ada', password: PASSWORD }) : new URLSearchParams({ username: 'ada', password: PASSWORD }).toString()
    const answer = await ask(api.port, '/sign-in', { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', origin: own(), ...OWN_PAGE, ...headers } })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined])
  })

  it('takes no huge form', async () => {
    expect((await send({ username: 'ada', password: 'x'.repeat(20_000) })).status).toBe(413)
  })

  it('is limited together with the API', async () => {
    for (let count = 0; count < NAME_LIMIT.most; count++) await ask(api.port, '/api/auth/login', { method: 'POST', body: { username: 'ada', password: 'wrong' } })
    expectForm(await send({ username: 'ada', password: PASSWORD }), 429, 'Too many sign-ins of this name have failed; try again in 300 seconds.')
    for (let count = NAME_LIMIT.most; count < ADDRESS_LIMIT.most; count++) await send({ username: `name-${count}`, password: 'wrong' })
    expectForm(await send({ username: 'grace', password: PASSWORD }), 429, 'from this address')
    clock.advance(NAME_LIMIT.withinMs)
    expect((await send({ username: 'ada', password: PASSWORD })).status).toBe(303)
  })

  it('is no way for a form into any other address', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${test.ownerToken}` }
    expect((await ask(api.port, '/api/users', { method: 'POST', body: 'name=mary&role=admin&password=an+invented+password', headers })).status).toBe(415)
  })
})
