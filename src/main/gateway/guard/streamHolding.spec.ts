import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createScanner } from '../../safety/scan/createScanner.ts'
import { createTestSimulation } from '../simulated/testSimulation.ts'
import { ask, CHAT, createTestGateway, openAsk, type TestGateway } from '../testGateway.ts'
import { chatChunk, DONE, LAST_CHUNK, startStream, USAGE_CHUNK } from '../testUpstream.ts'
import { anthropicArguments, anthropicText, chatText, chunkOf, readEvents, responsesText, written } from './testStreams.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

const ASKING = { ...CHAT, stream: true, stream_options: { include_usage: true } }

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
