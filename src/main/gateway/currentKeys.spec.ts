import { afterEach, expect, it } from 'vitest'
import { withCurrentKeys, type RunKeys } from './currentKeys.ts'
import { ask, CHAT, createTestGateway, type TestGateway } from './testGateway.ts'

let test: TestGateway | null = null
afterEach(async () => {
  await test?.close()
  test = null
})

const swap = (sent: string): string | null => (sent === 'old' ? 'new' : null)

it.each([
  [['authorization', 'Bearer old'], ['authorization', 'Bearer new']],
  [['Authorization', 'bearer  old'], ['Authorization', 'bearer  new']],
  [['authorization', 'old'], ['authorization', 'new']],
  [['X-Api-Key', ' old '], ['X-Api-Key', 'new']],
  [['api-key', 'old'], ['api-key', 'new']],
  [['x-other', 'old', 'cookie', 'old'], ['x-other', 'old', 'cookie', 'old']],
  [['authorization', 'Bearer older'], ['authorization', 'Bearer older']],
  [['authorization', 'Bearer old and more'], ['authorization', 'Bearer old and more']],
])('%j leaves as %j', (given, leaving) => {
  expect(withCurrentKeys(given, swap).headers).toEqual(leaving)
})

it('gives the very same list where nothing is exchanged', () => {
  const list = ['authorization', 'Bearer mine', 'x', 'old']
  expect(withCurrentKeys(list, swap)).toEqual({ headers: list, key: { sent: 'mine', used: 'mine' } })
  expect(withCurrentKeys(list, swap).headers).toBe(list)
})

it('puts nothing into a header that would be another header', () => {
  const list = ['authorization', 'Bearer old']
  expect(withCurrentKeys(list, () => 'new\r\nx-evil: 1').headers).toBe(list)
})

it('exchanges a key on the way, for the upstream’s host, and nowhere else in the request', async () => {
  const asked: string[] = []
  const keys: RunKeys = { refusalOf: () => null, currentOf: (_agentId, sent, host) => (asked.push(host), sent === 'sk-invented-old' ? 'sk-invented-new' : null), answered: () => false }
  test = await createTestGateway({ keys })
  const body = { ...CHAT, messages: [{ role: 'user', content: 'My key is sk-invented-old.' }] }
  await ask(`${test.openai}/chat/completions`, body, { headers: ['authorization', 'Bearer sk-invented-old', 'content-type', 'application/json', 'x-invented', 'sk-invented-old'] })
  const [seen] = test.upstream.seen
  expect(seen?.rawHeaders).toEqual(expect.arrayContaining(['Bearer sk-invented-new', 'sk-invented-old']))
  expect(seen?.body.toString()).not.toContain('sk-invented-new')
  expect(new Set(asked)).toEqual(new Set([new URL(test.upstream.url).host]))
})

it('tries once more, at once, with the key that is current by then', async () => {
  let current = 'sk-invented-old'
  const keys: RunKeys = { refusalOf: () => null, currentOf: () => current, answered: (_agentId, { used, status }) => status === 401 && used !== current }
  test = await createTestGateway({ keys })
  test.upstream.script = (response, seen, number) => {
    current = 'sk-invented-new'
    const isOld = seen.rawHeaders.includes('Bearer sk-invented-old')
    response.writeHead(isOld ? 401 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: `invented-${number}`, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }))
  }
  const headers = ['authorization', 'Bearer sk-invented-old', 'content-type', 'application/json']
  const answer = await ask(`${test.openai}/chat/completions`, CHAT, { headers })
  expect(answer.status).toBe(200)
  expect(test.upstream.seen).toHaveLength(2)
  expect((await test.finished(1))[0]?.attempts.map(({ status }) => status)).toEqual([401, 200])
})

it('gives a refusal on, where there is no other key', async () => {
  const keys: RunKeys = { refusalOf: () => null, currentOf: () => null, answered: () => false }
  test = await createTestGateway({ keys })
  test.upstream.script = (response) => response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"No."}}')
  const answer = await ask(`${test.openai}/chat/completions`, CHAT, { headers: ['authorization', 'Bearer sk-invented', 'content-type', 'application/json'] })
  expect(answer.status).toBe(401)
  expect(test.upstream.seen).toHaveLength(1)
})
