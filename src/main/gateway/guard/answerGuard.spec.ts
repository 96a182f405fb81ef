import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, MESSAGE, USUAL_COST, type TestGateway } from '../testGateway.ts'
import { answerJson, chatAnswer, chatChunk, DONE, LAST_CHUNK, startStream, USAGE_CHUNK } from '../testUpstream.ts'
import { anthropicText, chatText, readEvents, responsesArguments, responsesText, written } from './testStreams.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

const ASKING = { ...CHAT, stream: true, stream_options: { include_usage: true } }
const EMAIL = 'ceo@acme.com'

function playing(...chunks: (string | Buffer)[]): void {
  test.upstream.script = (response) => {
    startStream(response)
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
}

describe('what the rules say', () => {
  it('warns: it goes on as it is, and is told', async () => {
    test.safety.mode = 'warn'
    const text = chatChunk(`Ask ${EMAIL}`) + LAST_CHUNK + USAGE_CHUNK + DONE
    playing(text)
    expect((await ask(`${test.openai}/chat/completions`, ASKING)).text).toBe(text)
    expect(test.safety.sightings).toMatchObject([{ direction: 'from-model', place: 'choices[0].message.content', matches: [{ type: 'email', value: EMAIL }] }])
  })

  it('is told once, although it is said thrice', async () => {
    playing(...written(responsesText.events(['Ask ceo@', 'acme.com now'])))
    await ask(`${test.openai}/responses`, responsesText.request)
    playing(...written(responsesArguments.events(['{"to":"ceo@', 'acme.com"}'])))
    await ask(`${test.openai}/responses`, responsesText.request)
    expect(test.safety.sightings.map(({ direction, matches }) => [direction, matches.length])).toEqual([['from-model', 1], ['tools', 1]])
  })

  it('shows what stood around it', async () => {
    playing(...written(chatText.events(['It was said: ', 'ask ceo@', 'acme.com', ' now'])))
    await ask(`${test.openai}/chat/completions`, ASKING)
    const [{ text, base, matches }] = test.safety.sightings as [(typeof test.safety.sightings)[0]]
    expect(text.slice(matches[0]!.start - base, matches[0]!.end - base)).toBe(EMAIL)
    expect(text.slice(0, matches[0]!.start - base)).toMatch(/ask $/)
  })

  it.each([
    ['openai', chatText, { error: { type: 'invalid_request_error', code: 'blocked_by_policy' } }],
    ['openai', responsesText, { type: 'error', code: 'blocked_by_policy', error: { code: 'blocked_by_policy' } }],
    ['anthropic', anthropicText, { type: 'error', error: { type: 'permission_error' } }],
  ] as const)('blocks in the middle of a stream, in the words of %s', async (provider, dialect, error) => {
    test.safety.mode = 'block'
    const chunks = written(dialect.events(['Hello!', ` Ask ${EMAIL}, `, 'please.']))
    test.upstream.script = (response) => {
      startStream(response)
      for (const chunk of chunks.slice(0, -2)) response.write(chunk)
    }
    const answer = await ask(test[provider] + dialect.path, dialect.request)
    const events = readEvents(answer.text)
    expect(events.at(-1)).toMatchObject(error)
    expect(dialect.read(events.slice(0, -1))).toBe('Hello!')
    expect(answer.text.startsWith('event: error') || provider === 'openai' || answer.text.includes('event: error\n')).toBe(true)
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ outcome: 'refused', refusal: 'private-data', status: 200, attempts: [{ status: 200, problem: null }] })
    expect(call!.cost).toBeGreaterThan(0)
    await test.upstream.seen[0]!.gone
    expect(test.safety.halts).toHaveLength(1)
  })

  it.each([
    ['openai', '/chat/completions', CHAT, { error: { code: 'blocked_by_policy' } }],
    ['anthropic', '/v1/messages', MESSAGE, { type: 'error', error: { type: 'permission_error' } }],
  ] as const)('blocks a whole answer, in the words of %s, and charges it', async (provider, path, request, error) => {
    test.safety.mode = 'block'
    test.upstream.script = (response) => answerJson(response, chatAnswer(undefined, EMAIL))
    const answer = await ask(test[provider] + path, request)
    expect([answer.status, answer.headers['x-should-retry'], JSON.parse(answer.text)]).toMatchObject([403, 'false', error])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'private-data', status: 403 }])
    expect([test.upstream.seen.length, test.delays]).toEqual([1, []])
    expect(test.settled[0]).not.toBeNull()
  })
})

describe('a whole answer', () => {
  it('keeps every byte but those that were found', async () => {
    const body = `{ "a":1.50,"id":"\\u00fc ü",  "choices":[{"message":{"content":"Ask c\\u0065o@acme.com, \\n(415) 555-0132" ,"x":4155550132}}]}\n`
    test.upstream.script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), etag: 'x' })
      response.end(body)
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect(answer.text).toBe(`{ "a":1.50,"id":"\\u00fc ü",  "choices":[{"message":{"content":"Ask [EMAIL_REDACTED], \\n[PHONE_REDACTED]" ,"x":4155550132}}]}\n`)
    expect([answer.headers['content-length'], answer.headers.etag]).toEqual([String(answer.body.length), undefined])
  })

  it('is billed by what the provider said, not by what the agent got', async () => {
    test.upstream.script = (response) => answerJson(response, chatAnswer(undefined, EMAIL))
    await ask(`${test.openai}/chat/completions`, CHAT)
    expect(await test.finished(1)).toMatchObject([{ outcome: 'answered', cost: USUAL_COST }])
  })

  it('shows nothing in a tool’s arguments, which stay JSON in JSON', async () => {
    const args = JSON.stringify({ to: EMAIL, n: 1.5 })
    const answer = { choices: [{ message: { content: null, tool_calls: [{ id: 'call_invented', type: 'function', function: { name: 'send', arguments: args } }] } }] }
    test.upstream.script = (response) => answerJson(response, answer)
    const got = JSON.parse((await ask(`${test.openai}/chat/completions`, CHAT)).text)
    expect(JSON.parse(got.choices[0].message.tool_calls[0].function.arguments)).toEqual({ to: '[EMAIL_REDACTED]', n: 1.5 })
    expect(test.safety.sightings).toMatchObject([{ direction: 'tools' }])
  })

  it('tells nothing token by token', async () => {
    const logprobs = { content: ['ceo', '@', 'acme', '.com'].map((token) => ({ token, logprob: 0 })) }
    test.upstream.script = (response) => answerJson(response, { choices: [{ message: { content: EMAIL }, logprobs }] })
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).text).toBe('{"choices":[{"message":{"content":"[EMAIL_REDACTED]"},"logprobs":null}]}')
  })

  it('of many megabytes is looked through in slices, and the room goes on meanwhile', async () => {
    const words = 'Nothing to see here, 😀 really. '.repeat(40_000)
    const content = `${words}${EMAIL}. ${words}(415) 555-0132. ${words}`
    test.upstream.script = (response) => answerJson(response, chatAnswer(undefined, content))
    const answer = JSON.parse((await ask(`${test.openai}/chat/completions`, CHAT)).text)
    expect(answer.choices[0].message.content).toBe(`${words}[EMAIL_REDACTED]. ${words}[PHONE_REDACTED]. ${words}`)
  })

  it.each([400, 4_000])('with %i findings is decided on bit by bit', async (count) => {
    const people = Array.from({ length: count }, (_, index) => `person${index}@example.com`)
    test.upstream.script = (response) => answerJson(response, chatAnswer(undefined, people.join(' ')))
    const answer = JSON.parse((await ask(`${test.openai}/chat/completions`, CHAT)).text)
    expect(answer.choices[0].message.content).toBe(people.map(() => '[EMAIL_REDACTED]').join(' '))
    const atOnce = test.safety.sightings.map(({ matches }) => matches.length)
    expect([Math.max(...atOnce), atOnce.reduce((sum, length) => sum + length)]).toEqual([50, count])
  })

  it.each<[number, string, string]>([
    [500, 'text/html', `<html><body>Mail <a href="mailto:${EMAIL}">${EMAIL}</a></body></html>`],
    [404, 'text/plain', `Nobody here; ask ${EMAIL}.`],
    [400, 'application/json', `{"error":{"message":"No such user: ${EMAIL}"}}`],
    [400, 'application/json', `{"error":{"message":"No such user: c\\u0065o@acme.com`],
    [401, '', `Ask ${EMAIL}`],
    [502, 'text/html; charset=iso-8859-1', `<p>Gr\u00fc\u00dfe, ${EMAIL}</p>`],
  ])('with status %i and %s is looked through as well', async (status, type, body) => {
    await test.close()
    test = await createTestGateway({ limits: { retry: { attempts: 1, firstDelayMs: 1, longestDelayMs: 1, longestAskedMs: 1 } } })
    test.upstream.script = (response) => {
      response.writeHead(status, type === '' ? {} : { 'content-type': type })
      response.end(Buffer.from(body, type.includes('8859') ? 'latin1' : 'utf8'))
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.text.includes('[EMAIL_REDACTED]'), answer.text.includes('acme')]).toEqual([status, true, false])
    if (type.includes('8859')) expect(answer.body.toString('latin1')).toBe('<p>Gr\u00fc\u00dfe, [EMAIL_REDACTED]</p>')
  })

  it('that was kept for another try is looked through when it is sent in the end', async () => {
    test.upstream.script = (response, _seen, number) => {
      if (number > 1) return response.destroy()
      response.writeHead(503, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
      response.end(gzipSync(`Down; ask ${EMAIL}.`))
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.text, answer.headers['content-encoding']]).toEqual([503, 'Down; ask [EMAIL_REDACTED].', undefined])
  })

  it('that is a stream under another name is read as one', async () => {
    test.upstream.script = (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.end(Buffer.concat(written(chatText.events(['Ask ceo@', 'acme.com, please']))))
    }
    const answer = await ask(`${test.openai}/chat/completions`, ASKING)
    expect(chatText.read(readEvents(answer.text))).toBe('Ask [EMAIL_REDACTED], please')
  })

  it('shows nothing private in its headers', async () => {
    test.upstream.script = (response) => answerJson(response, chatAnswer(), 200, ['x-request-id', 'req_4155550132', 'x-asked-by', `me, ${EMAIL}`, 'openai-version', '2020-10-01'])
    const { headers } = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([headers['x-asked-by'], headers['x-request-id'], headers['openai-version']]).toEqual(['me, [EMAIL_REDACTED]', 'req_4155550132', '2020-10-01'])
  })

  it.each([
    ['whole', CHAT, 200, 1],
    ['a stream', ASKING, 200, 1],
    ['kept for another try', CHAT, 503, 2],
  ])('is blocked for its headers alone, %s', async (_what, request, status, tries) => {
    test.safety.mode = 'block'
    test.upstream.script = (response, _seen, number) => {
      if (number > tries || (status === 503 && number > 1)) return response.destroy()
      if (request === CHAT) return answerJson(response, chatAnswer(), status, ['x-asked-by', EMAIL])
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-asked-by': EMAIL })
      for (const chunk of written(chatText.events(['Hello!']))) response.write(chunk)
      response.end()
    }
    const answer = await ask(`${test.openai}/chat/completions`, request)
    expect([answer.status, answer.headers['x-should-retry'], answer.headers['x-asked-by']]).toEqual([403, 'false', undefined])
    expect(answer.text).not.toContain('Hello')
  })

  it('of what costs nothing is looked through as well', async () => {
    test.upstream.script = (response) => answerJson(response, { data: [{ id: 'gpt-4', owned_by: EMAIL }] })
    expect((await ask(`${test.openai}/models`)).text).toBe('{"data":[{"id":"gpt-4","owned_by":"[EMAIL_REDACTED]"}]}')
  })
})

describe('usage that only we asked for', () => {
  it('stays hidden in a stream in which something was found, and is counted', async () => {
    playing(chatChunk('Ask ceo@', { usage: null }), chatChunk('acme.com', { usage: null }), LAST_CHUNK, USAGE_CHUNK, DONE)
    const answer = await ask(`${test.openai}/chat/completions`, { ...CHAT, stream: true })
    expect(answer.text).toBe(chatChunk('Ask [EMAIL_REDACTED]') + chatChunk('') + LAST_CHUNK + DONE)
    expect(await test.finished(1)).toMatchObject([{ cost: USUAL_COST }])
  })
})
