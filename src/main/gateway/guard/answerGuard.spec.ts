import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createScanner } from '../../safety/createScanner.ts'
import { createTestSimulation } from '../simulated/testSimulation.ts'
import { ask, CHAT, createTestGateway, MESSAGE, openAsk, USUAL_COST, type TestGateway } from '../testGateway.ts'
import { answerJson, chatAnswer, chatChunk, DONE, LAST_CHUNK, startStream, USAGE_CHUNK } from '../testUpstream.ts'
import { ALLOWED, anthropicArguments, anthropicText, chatArguments, chatText, chunkOf, readEvents, responsesArguments, responsesText, written } from './testStreams.ts'

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

describe('a stream without anything private', () => {
  const simulation = createTestSimulation()
  const messages = [{ role: 'user', content: 'Lead: Maria Lopez, company: Alder Works. Answer at length, with the weather in Paris. 😀 ü' }]
  const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] }
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'The weather at a place', parameters } }]
  const options = { include_usage: true }
  const requests: readonly [string, 'openai' | 'anthropic', Parameters<typeof simulation.ask>[0], string, object][] = [
    ['a chat', 'openai', 'chat/completions', '/chat/completions', { model: 'gpt-4', messages, n: 2, stream: true, stream_options: options }],
    ['a chat with tools', 'openai', 'chat/completions', '/chat/completions', { model: 'gpt-4', messages, tools, stream: true, stream_options: options }],
    ['a completion', 'openai', 'completions', '/completions', { model: 'davinci-002', prompt: 'Good morning', max_tokens: 90, stream: true, stream_options: options }],
    ['a response', 'openai', 'responses', '/responses', { model: 'gpt-4', input: messages, stream: true }],
    ['a response with tools', 'openai', 'responses', '/responses', { model: 'gpt-4', input: messages, tools: [{ type: 'function', name: 'get_weather', parameters }], stream: true }],
    ['a message', 'anthropic', 'messages', '/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 200, messages, stream: true }],
    ['a message with tools', 'anthropic', 'messages', '/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 200, messages, tools: [{ name: 'get_weather', input_schema: parameters }], stream: true }],
  ]

  it.each(requests)('reaches the agent byte by byte: %s', async (_name, provider, endpoint, path, request) => {
    const heard = await simulation.ask(endpoint, request, { provider })
    const bytes = Buffer.from(heard.chunks.join(''))
    test.upstream.script = async (response) => {
      startStream(response)
      for (let at = 0; at < bytes.length; at += 61) {
        response.write(bytes.subarray(at, at + 61))
        if (at % 183 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    }
    const answer = await ask(test[provider] + path, request)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(test.safety.sightings).toEqual([])
  })

  it('is late by one piece at most', async () => {
    const words = 'The weather in Paris is fine today, and I hope that this finds you well. We meet at noon. Bring the 2 tickets, please!'.match(/\s*\S+/g)!
    const chunks = written(chatText.events(words)).map(String)
    let write = (_text: string): void => undefined
    test.upstream.script = (response) => {
      startStream(response)
      response.flushHeaders()
      write = (text) => void response.write(text)
    }
    const answer = await openAsk(`${test.openai}/chat/completions`, ASKING).response
    let heard = ''
    let told = (): void => undefined
    answer.on('data', (chunk: Buffer) => {
      heard += String(chunk)
      told()
    })
    const hears = async (text: string): Promise<void> => {
      while (!heard.includes(text)) await new Promise<void>((resolve) => (told = resolve))
    }
    // Each piece is only sent when the one before its predecessor has come.
    for (let at = 0; at < words.length + 1; at++) {
      write(chunks[at]!)
      if (at > 1) await hears(chunks[at - 1]!)
    }
    for (const chunk of chunks.slice(words.length + 1)) write(chunk)
    await hears('[DONE]')
    answer.destroy()
    await test.finished(1)
  })
})

describe('a stream that stands still', () => {
  it('shows what can no longer become anything, and holds the rest', async () => {
    let write = (_text: string): void => undefined
    test.upstream.script = (response) => {
      startStream(response)
      write = (text) => void response.write(text)
      response.flushHeaders()
    }
    const answer = await openAsk(`${test.openai}/chat/completions`, ASKING).response
    const next = (): Promise<string> => new Promise((resolve) => answer.once('data', (chunk: Buffer) => resolve(String(chunk))))
    write(chatChunk('Hello!'))
    expect(await next()).toBe(chatChunk('Hello!'))
    expect(test.pause()).toBe(false)
    let heard = next()
    write(chatChunk(' You know 😀 my ceo@ac'))
    while (!test.pause()) await new Promise((resolve) => setImmediate(resolve))
    expect(await heard).toBe(chatChunk(' You know 😀 my '))
    // Nothing has come since: there is nothing more to show.
    expect(test.pause()).toBe(false)
    heard = next()
    write(chatChunk('me.com, don’t you?'))
    expect(chatText.read(readEvents(await heard))).toBe('[EMAIL_REDACTED], don’t you?')
    answer.destroy()
    await test.finished(1)
  })

  it.each([
    ['responses', responsesText],
    ['messages', anthropicText],
    ['tools', anthropicArguments],
  ] as const)('shows as much in the words of another dialect: %s', async (name, dialect) => {
    const isTool = name === 'tools'
    const pieces = isTool ? ['{"to":"Write! To ceo@ac', 'me.com"}'] : ['Write! To ceo@ac', 'me.com, please.']
    const chunks = written(dialect.events(pieces)).map(String)
    const first = chunks.findIndex((chunk) => chunk.includes('ceo@ac'))
    let goOn = (): void => undefined
    test.upstream.script = (response) => {
      startStream(response)
      for (const chunk of chunks.slice(0, first + 1)) response.write(chunk)
      goOn = () => response.end(chunks.slice(first + 1).join(''))
    }
    const answer = await openAsk(test[dialect.provider] + dialect.path, dialect.request).response
    let heard = ''
    answer.on('data', (chunk: Buffer) => (heard += String(chunk)))
    while (!test.pause()) await new Promise((resolve) => setImmediate(resolve))
    while (!heard.includes('Write!')) await new Promise((resolve) => setImmediate(resolve))
    expect(heard).not.toContain('ceo')
    goOn()
    await new Promise((resolve) => answer.on('end', resolve))
    expect(dialect.read(readEvents(heard))).toBe(isTool ? '{"to":"Write! To [EMAIL_REDACTED]"}' : 'Write! To [EMAIL_REDACTED], please.')
  })
})

describe('a choice that goes on in another text', () => {
  const hears = async (deltas: readonly object[], last: string): Promise<string> => {
    test.upstream.script = (response) => {
      startStream(response)
      for (const chunk of written(deltas.map((delta) => chunkOf(delta)))) response.write(chunk)
    }
    const answer = await openAsk(`${test.openai}/chat/completions`, ASKING).response
    let heard = ''
    for await (const chunk of answer) {
      heard += String(chunk)
      if (heard.includes(last)) break
    }
    await test.finished(1)
    return heard
  }

  it('is not held back for ever by the last word of the first', async () => {
    const words = Array.from({ length: 10 }, (_, index) => ({ content: `word${index}! ` }))
    const heard = await hears([{ reasoning_content: 'Hm' }, ...words], 'word8')
    expect(readEvents(heard)[0].choices[0].delta).toEqual({ reasoning_content: 'Hm' })
  })

  it('and then in the first again still does not show what came of that word', async () => {
    const thoughts = Array.from({ length: 9 }, () => ({ reasoning_content: 'Hm!' }))
    const heard = await hears([{ content: 'ceo' }, ...thoughts, { content: '@acme.com ' }, { content: 'Bye!' }], 'Bye')
    expect(chatText.read(readEvents(heard))).toBe('ceo[EMAIL_REDACTED] Bye!')
  })
})

describe('a stream that breaks off', () => {
  it('does not show what was not decided yet', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Hello!') + chatChunk(' Ask ceo@acme.co'), () => setImmediate(() => response.destroy()))
    }
    const answer = await openAsk(`${test.openai}/chat/completions`, ASKING).response
    let heard = ''
    answer.on('data', (chunk: Buffer) => (heard += String(chunk)))
    await new Promise((resolve) => answer.on('close', resolve))
    expect(heard).not.toContain('ceo')
    expect((await test.finished(1))[0]).toMatchObject({ outcome: 'failed' })
  })

  it('because the agent hangs up holds nothing for anybody', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Hello!') + chatChunk(' ceo@acme'))
    }
    const open = openAsk(`${test.openai}/chat/completions`, ASKING)
    const answer = await open.response
    await new Promise((resolve) => answer.once('data', resolve))
    answer.on('error', () => undefined)
    open.hangUp()
    expect((await test.finished(1))[0]).toMatchObject({ outcome: 'cancelled' })
    expect(test.pause()).toBe(false)
  })
})

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

describe('rules that change while an answer comes', () => {
  it('hold from the next event on', async () => {
    test.safety.scanner = createScanner({ types: new Set() })
    let write = (_text: string): void => undefined
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Ask me@acme.com!'))
      write = (text) => void response.end(text)
    }
    const answer = await openAsk(`${test.openai}/chat/completions`, ASKING).response
    let heard = ''
    answer.on('data', (chunk: Buffer) => (heard += String(chunk)))
    await new Promise((resolve) => answer.once('data', resolve))
    expect(heard).toBe(chatChunk('Ask me@acme.com!'))
    test.safety.scanner = null
    write(chatChunk(' Or ceo@acme.com, please') + LAST_CHUNK + USAGE_CHUNK + DONE)
    await new Promise((resolve) => answer.once('end', resolve))
    expect(chatText.read(readEvents(heard))).toBe('Ask me@acme.com! Or [EMAIL_REDACTED], please')
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

  it('of what costs nothing is looked through as well', async () => {
    test.upstream.script = (response) => answerJson(response, { data: [{ id: 'gpt-4', owned_by: EMAIL }] })
    expect((await ask(`${test.openai}/models`)).text).toBe('{"data":[{"id":"gpt-4","owned_by":"[EMAIL_REDACTED]"}]}')
  })
})

describe('what cannot be looked through', () => {
  const refused = async (path = '/chat/completions', request: object = CHAT): Promise<void> => {
    const answer = await ask(test.openai + path, request)
    expect([answer.status, answer.headers['x-should-retry'], JSON.parse(answer.text)]).toMatchObject([403, 'false', { error: { code: 'not_checked' } }])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', attempts: [{ status: 200 }] }])
    expect(test.defects.splice(0)).toHaveLength(1)
    expect(test.upstream.seen).toHaveLength(1)
  }

  it.each<[string, Record<string, string>, Buffer]>([
    ['in an unknown compression', { 'content-type': 'application/json', 'content-encoding': 'squeezed' }, Buffer.from('{}')],
    ['compressed and broken', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, gzipSync('{"a":1}').subarray(0, 15)],
    ['compressed, and yet not', { 'content-type': 'application/json', 'content-encoding': 'br' }, Buffer.from('{"a":"plain"}')],
    ['in no encoding', { 'content-type': 'application/json' }, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['in an unknown character set', { 'content-type': 'text/plain; charset=utf-16le' }, Buffer.from('ceo@acme.com', 'utf16le')],
    ['longer than can be', { 'content-type': 'application/json', 'content-encoding': 'br' }, brotliCompressSync(Buffer.alloc(66 * 1024 * 1024, 'x'))],
  ])('does not go on: %s', async (_name, headers, body) => {
    test.upstream.script = (response) => {
      response.writeHead(200, headers)
      response.end(body)
    }
    await refused()
  })

  it('does not go on because the one who looks is broken', async () => {
    test.upstream.script = (response) => {
      test.safety.scanner = { scan: broken, stream: broken }
      answerJson(response, chatAnswer())
    }
    await refused()
  })

  it('ends a stream that has begun', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Hello!'))
      response.write(Buffer.from([...Buffer.from('data: "'), 0xff, ...Buffer.from('"\n\n')]))
    }
    const answer = await ask(`${test.openai}/chat/completions`, ASKING)
    const events = readEvents(answer.text)
    expect([answer.status, chatText.read(events), events.at(-1)]).toMatchObject([200, 'Hello!', { error: { code: 'not_checked' } }])
    await test.finished(1)
    expect(test.defects.splice(0)).toHaveLength(1)
  })
})

function broken(): never {
  throw new Error('an invented defect')
}

describe('a tool that the model wants called', () => {
  const call = async (dialect: typeof chatArguments, pieces: readonly string[]): Promise<string> => {
    playing(...written(dialect.events(pieces)))
    return (await ask(test[dialect.provider] + dialect.path, dialect.request)).text
  }
  const dialects = [['chat completions', chatArguments], ['responses', responsesArguments], ['messages', anthropicArguments]] as const

  it.each(dialects)('and that the file allows goes on, byte by byte: %s', async (_name, dialect) => {
    test.safety.permissions = { ...ALLOWED, tools: ['send_*'], hosts: ['*.example.com'], paths: ['/srv/invented'] }
    const pieces = ['{"url":"https://a.', 'example.com/x","file":"/srv/', 'invented/a.txt"}']
    expect(await call(dialect, pieces)).toBe(Buffer.concat(written(dialect.events(pieces))).toString())
    expect(test.safety.incidents).toEqual([])
  })

  it.each(dialects)('and that the file does not allow is never heard of: %s', async (_name, dialect) => {
    test.safety.permissions = { ...ALLOWED, tools: ['read_*'] }
    const text = await call(dialect, ['{"to":', '"somebody"}'])
    expect([text.includes('send_mail'), text.includes('somebody'), text.includes('"error"')]).toEqual([false, false, true])
    expect(test.safety.incidents).toMatchObject([{ kind: 'unauthorised', type: 'tool', direction: 'tools', excerpt: 'send_mail' }])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'unauthorised' }])
  })

  it.each(dialects)('with a host that the file does not allow is never heard of: %s', async (_name, dialect) => {
    test.safety.permissions = { ...ALLOWED, hosts: ['*.example.com'] }
    const text = await call(dialect, ['{"url":"https://', 'evil.exam', 'ple.org/x"}'])
    expect([text.includes('evil'), text.includes('https'), text.includes('"error"')]).toEqual([false, false, true])
    expect(test.safety.incidents).toMatchObject([{ type: 'host' }])
  })

  it('goes on where the rules only warn', async () => {
    test.safety.permissions = { ...ALLOWED, tools: ['read_*'], paths: ['/srv/invented'] }
    test.safety.unauthorised = 'warn'
    const pieces = ['{"file":"/etc/', 'passwd"}']
    expect(await call(chatArguments, pieces)).toBe(Buffer.concat(written(chatArguments.events(pieces))).toString())
    expect(test.safety.incidents.map(({ type }) => type)).toEqual(['tool', 'path'])
  })

  it('is judged in a whole answer too', async () => {
    test.safety.permissions = { ...ALLOWED, tools: ['read_*'] }
    const content = [{ type: 'tool_use', id: 'toolu_invented', name: 'send_mail', input: { to: 'somebody' } }]
    test.upstream.script = (response) => answerJson(response, { id: 'msg_invented', model: 'claude-sonnet-4-5', content, usage: { input_tokens: 1, output_tokens: 1 } })
    const answer = await ask(`${test.anthropic}/v1/messages`, MESSAGE)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { error: { type: 'permission_error' } }])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'unauthorised', usage: { input: 1, output: 1 } }])
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
