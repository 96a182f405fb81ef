import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, MESSAGE, TOKEN, type Answer, type TestGateway } from './testGateway.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(async () => {
  expect(test.upstream.seen).toEqual([])
  await test.close()
})

const errorOf = (answer: Answer): { message: string; type: string; code?: string } => (JSON.parse(answer.text) as { error: { message: string; type: string } }).error
const port = (): string => new URL(test.gateway.url).port

describe('who is no agent', () => {
  it.each([
    ['another name for this machine', () => `elsewhere.example.com:${port()}`],
    ['no port', () => '127.0.0.1'],
    ['another port', () => '127.0.0.1:1'],
    ['all interfaces', () => `0.0.0.0:${port()}`],
    ['a name that begins alike', () => `127.0.0.1:${port()}.example.com`],
    ['another loopback', () => `127.0.0.2:${port()}`],
  ])('is turned away when it calls for %s', async (_what, host) => {
    const answer = await ask(`${test.openai}/chat/completions`, CHAT, { headers: ['host', host()] })
    expect([answer.status, errorOf(answer).code]).toEqual([403, 'forbidden'])
  })

  it('is turned away with two host names', async () => {
    const url = new URL(`${test.openai}/models`)
    const text = await new Promise<string>((resolve) => {
      let received = ''
      const socket = connect(Number(url.port), '127.0.0.1', () =>
        socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`),
      )
      socket.on('data', (data) => (received += data.toString()))
      socket.on('close', () => resolve(received))
    })
    expect(text).toMatch(/^HTTP\/1\.1 40[03] /)
  })

  it.each(['null', 'http://evil.example', 'http://127.0.0.1'])('is turned away when it is a page from %s', async (origin) => {
    for (const method of ['POST', 'OPTIONS']) {
      const answer = await ask(`${test.openai}/chat/completions`, CHAT, { method, headers: ['origin', origin, 'access-control-request-method', 'POST'] })
      expect([answer.status, Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))]).toEqual([403, []])
    }
  })

  it.each([
    ['another token', () => `/run/${'f'.repeat(32)}/openai/v1/chat/completions`],
    ['half a token', () => `/run/${TOKEN.slice(0, 16)}/openai/v1/chat/completions`],
    ['no token', () => '/openai/v1/chat/completions'],
    ['nothing', () => '/'],
  ])('is turned away with %s, in the provider’s words', async (_what, path) => {
    const answer = await ask(test.gateway.url + path(), CHAT, { headers: ['authorization', `Bearer ${TOKEN}`] })
    expect([answer.status, answer.headers['x-should-retry'], errorOf(answer)]).toEqual([
      401,
      'false',
      { message: expect.stringContaining('belongs to no running agent'), type: 'invalid_request_error', code: 'unknown_run', param: null, iron_cage: { code: 'UNKNOWN_RUN' } },
    ])
  })

  it('is turned away in Anthropic’s words at its door', async () => {
    const answer = await ask(`${test.gateway.url}/run/nobody/anthropic/v1/messages`, MESSAGE)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([401, { type: 'error', error: { type: 'authentication_error' } }])
  })

  it('is noted, but does not fill the log', async () => {
    for (let i = 0; i < 20; i++) await ask(test.gateway.url)
    expect(test.log.length).toBe(5)
    expect(test.log.join()).not.toContain(TOKEN)
  })
})

describe('an agent', () => {
  it.each([
    ['POST', '/openai/v1/files', 404, 'unknown_url'],
    ['GET', '/openai/v1/responses/resp_1', 404, 'unknown_url'],
    ['POST', '/openai/v1/models/..%2Ffiles', 404, 'unknown_url'],
    ['GET', '/openai/v1/chat/completions', 405, 'method_not_allowed'],
    ['DELETE', '/openai/v1/models/gpt-4', 405, 'method_not_allowed'],
  ])('that asks for %s %s is refused, and it counts as unauthorised', async (method, path, status, code) => {
    const answer = await ask(`${test.gateway.url}/run/${TOKEN}${path}`, method === 'POST' ? CHAT : undefined, { method })
    expect([answer.status, errorOf(answer).code, answer.headers['x-should-retry']]).toEqual([status, code, 'false'])
    expect(await test.finished(1)).toMatchObject([{ endpoint: 'unknown', outcome: 'refused', refusal: 'unauthorised', status, cost: 0, attempts: [] }])
  })

  it('is told which method a path takes', async () => {
    expect((await ask(`${test.anthropic}/v1/messages`)).headers.allow).toBe('POST')
  })

  it.each([
    ['no JSON', '{"model":"gpt-4"', 'The request is no JSON.'],
    ['no object', '[]', null],
    ['no model', '{"messages":[]}', null],
    ['a model of a thousand letters', `{"model":"${'x'.repeat(1_000)}","messages":[]}`, /The name of the model is longer than 200 characters/],
    ['two models', '{"model":"gpt-3.5-turbo","messages":[],"model":"gpt-4"}', /"model" stands in the request twice/],
    ['two limits', '{"model":"gpt-4","messages":[],"max_tokens":1,"max_tokens":100000}', /"max_tokens" stands/],
    ['a name written twice in two ways', '{"model":"gpt-4","messages":[],"mod\\u0065l":"gpt-3.5-turbo"}', /"model" stands/],
    ['a name with a letter that some parsers take for an s', '{"model":"gpt-4","messages":[],"max_tokens":1,"max_token\u017f":100}', /"max_tokens" stands/],
    ['a name with the sign for kelvin', '{"model":"gpt-4","messages":[],"max_tokens":1,"max_to\u212aens":100}', /"max_tokens" stands/],
    ['a name in another spelling', '{"model":"gpt-4","messages":[],"N":100}', /"n" stands/],
    ['a name of a thousand letters twice', `{"model":"gpt-4","messages":[],"${'x'.repeat(1_000)}":1,"${'x'.repeat(1_000)}":2}`, /"x{80}" stands/],
    ['messages twice', '{"model":"gpt-4","messages":[],"messages":[]}', /"messages" stands/],
  ])('that sends %s is refused', async (_what, body, message) => {
    const answer = await ask(`${test.openai}/chat/completions`, body)
    expect([answer.status, errorOf(answer).type]).toEqual([400, 'invalid_request_error'])
    if (message) expect(errorOf(answer).message).toMatch(message)
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ outcome: 'refused', refusal: 'invalid', status: 400, cost: 0 })
    expect([call!.model.length <= 200, call!.problem!.length <= 400]).toEqual([true, true])
  })

  it('that compresses its request is refused', async () => {
    const answer = await ask(`${test.openai}/chat/completions`, Buffer.from([0x1f, 0x8b]), { headers: ['content-encoding', 'gzip'] })
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'unsupported_content_encoding'])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'invalid', status: 415 }])
  })
})

describe('a request that is too large', () => {
  it.each([
    ['by its own word', []],
    ['without saying so', ['transfer-encoding', 'chunked']],
  ])('is refused %s', async (_what, headers) => {
    const small = await createTestGateway({ limits: { mostBodyBytes: 100_000 } })
    try {
      const body = JSON.stringify({ ...MESSAGE, padding: 'x'.repeat(200_000) })
      const answer = await ask(`${small.anthropic}/v1/messages`, body, { headers: headers.length > 0 ? headers : [] })
      expect([answer.status, errorOf(answer).type]).toEqual([413, 'request_too_large'])
      expect(await small.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'invalid', status: 413 }])
      expect(small.upstream.seen).toEqual([])
    } finally {
      await small.close()
    }
  })
})
