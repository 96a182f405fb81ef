import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

  it('without a code is none', async () => {
    expectPage(await ask(api.port, '/sign-in'), 401, 'This sign-in link')
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

  it('cannot be made to fail for its owner by images on a page', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    for (let count = 0; count < 30; count++) await open('wrong', headers)
    expect((await open(test.room.access.createCode())).status).toBe(303)
  })
})
