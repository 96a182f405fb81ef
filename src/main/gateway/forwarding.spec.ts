import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, MESSAGE, USUAL_COST, type TestGateway } from './testGateway.ts'
import { answerJson, chatAnswer } from './testUpstream.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

describe('a request', () => {
  it('reaches the upstream byte by byte, with its headers and its query', async () => {
    const body = '{ "model":"gpt-4",  "messages":[{"role":"user","content":"\\u00fc ü"}], "max_tokens":2e2, "unheard_of":{"a":[1.0]} }\n'
    const headers = ['Content-Type', 'application/json', 'Authorization', 'Bearer sk-invented-1', 'X-Twice', 'one', 'x-twice', 'two', 'OpenAI-Organization', 'org-invented']
    await ask(`${test.openai}/chat/completions?a=%20b&a=c`, body, { headers })
    const [seen] = test.upstream.seen
    expect([seen!.method, seen!.url, seen!.body.toString()]).toEqual(['POST', '/v1/chat/completions?a=%20b&a=c', body])
    const { host } = new URL(test.upstream.url)
    expect(seen!.rawHeaders).toEqual(['host', host, 'connection', 'keep-alive', ...headers, 'accept-encoding', 'identity', 'content-length', String(Buffer.byteLength(body))])
  })

  it.each([
    ['openai', '/chat/completions', CHAT, '/v1/chat/completions'],
    ['openai', '/responses', { model: 'gpt-4', input: 'Good morning!', max_output_tokens: 20 }, '/v1/responses'],
    ['openai', '/completions', { model: 'davinci-002', prompt: 'Good', max_tokens: 20 }, '/v1/completions'],
    ['openai', '/embeddings', { model: 'text-embedding-3-small', input: ['Good'] }, '/v1/embeddings'],
    ['anthropic', '/v1/messages', MESSAGE, '/v1/messages'],
    ['anthropic', '/v1/messages/count_tokens', { model: 'claude-sonnet-4-5', messages: [] }, '/v1/messages/count_tokens'],
  ] as const)('of %s goes to %s', async (provider, path, body, url) => {
    expect((await ask(test[provider] + path, body)).status).toBe(200)
    expect(test.upstream.seen.map((seen) => [seen.method, seen.url, JSON.parse(seen.body.toString())])).toEqual([['POST', url, body]])
  })

  it.each([
    ['openai', '/models', '/v1/models'],
    ['openai', '/models/gpt-4', '/v1/models/gpt-4'],
    ['anthropic', '/v1/models?limit=2', '/v1/models?limit=2'],
  ] as const)('for a list of models of %s goes to %s and costs nothing', async (provider, path, url) => {
    test.upstream.script = (response) => answerJson(response, { object: 'list', data: [] })
    expect((await ask(test[provider] + path)).text).toBe('{"object":"list","data":[]}')
    expect(test.upstream.seen.map((seen) => [seen.method, seen.url, seen.body.length])).toEqual([['GET', url, 0]])
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ endpoint: 'models', outcome: 'answered', model: '', cost: 0, attempts: [{ reserved: 0, receipt: null }] })
  })

  it('of a megabyte and more goes through as it is', async () => {
    const content = 'Good morning! \n"ü" '.repeat(80_000)
    const body = JSON.stringify({ ...CHAT, model: 'gpt-4.1', messages: [{ role: 'user', content }] })
    expect((await ask(`${test.openai}/chat/completions`, body)).status).toBe(200)
    expect(test.upstream.seen[0]!.body.equals(Buffer.from(body))).toBe(true)
  })
})

describe('an answer', () => {
  it('reaches the agent byte by byte, with its status and its headers', async () => {
    const body = `{ "usage": {"prompt_tokens": 1000, "completion_tokens":100},\n "id":"\\u00fc ü" }\n`
    test.upstream.script = (response) => {
      response.sendDate = false
      response.writeHead(201, ['X-Request-Id', 'req_1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Type', 'application/json', 'Connection', 'x-hop', 'X-Hop', '1'])
      response.end(body)
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.text]).toEqual([201, body])
    expect(answer.rawHeaders.join('|')).toBe('X-Request-Id|req_1|Set-Cookie|a=1|Set-Cookie|b=2|Content-Type|application/json|content-length|81|Connection|close')
    expect((await test.finished(1))[0]).toMatchObject({ cost: USUAL_COST, status: 201 })
  })

  it('that is a redirection is not followed', async () => {
    test.upstream.script = (response) => {
      response.writeHead(307, { location: 'http://elsewhere.example.com/' })
      response.end()
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.headers.location]).toEqual([307, 'http://elsewhere.example.com/'])
    expect((await test.finished(1))[0]).toMatchObject({ outcome: 'rejected', cost: 0, problem: 'The upstream redirected the call (307); redirects are never followed.' })
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('that is compressed with %s although nobody asked is looked through, and goes on plain', async (coding, compress) => {
    test.upstream.script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding, etag: '"invented"' })
      response.end(compress(JSON.stringify(chatAnswer(undefined, 'Write to ceo@acme.com.'))))
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT, { headers: ['accept-encoding', 'gzip'] })
    const { 'content-encoding': encoding, 'content-length': length, etag } = answer.headers
    expect([encoding, length, etag]).toEqual([undefined, String(answer.body.length), undefined])
    expect(JSON.parse(answer.text)).toEqual(chatAnswer(undefined, 'Write to [EMAIL_REDACTED].'))
    expect((await test.finished(1))[0]).toMatchObject({ outcome: 'answered', cost: USUAL_COST })
  })

  it('of many megabytes is read for what it says of usage', async () => {
    const data = Array.from({ length: 2_000 }, (_, index) => ({ index, embedding: Array.from({ length: 300 }, () => 0.123456789) }))
    test.upstream.script = (response) => answerJson(response, { object: 'list', data, model: 'text-embedding-3-small', usage: { prompt_tokens: 5_000, total_tokens: 5_000 } })
    const answer = await ask(`${test.openai}/embeddings`, { model: 'text-embedding-3-small', input: ['Good'] })
    expect(answer.body.length).toBeGreaterThan(5_000_000)
    expect((await test.finished(1))[0]).toMatchObject({ usage: { input: 5_000 }, cost: 100_000, attempts: [{ receipt: { basis: 'reported' } }] })
  })

  it('comes while the agent takes it, and waits while it does not', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    let sent = 0
    let isBlocked = false
    test.upstream.script = async (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      for (; sent < 800; sent++) {
        if (response.write(chunk)) continue
        isBlocked = true
        await new Promise((resolve) => response.once('drain', resolve))
      }
      response.end()
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.body.length, sent, isBlocked]).toEqual([800 * chunk.length, 800, true])
  })
})
