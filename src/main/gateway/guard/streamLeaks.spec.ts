import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, createTestGateway, type TestGateway } from '../testGateway.ts'
import {
  anthropicText, ARGUMENTS, chatArguments, chatText, chunkOf, CHAT_END, createPlayedUpstream, readEvents, TEXTS, written, type TestDialect,
} from './testStreams.ts'

const upstream = createPlayedUpstream()
let test: TestGateway
beforeAll(async () => {
  const upstreams = { openai: null, anthropic: null }
  test = await createTestGateway({ simulated: upstream, llm: { mode: 'simulated', upstreams } })
  test.safety.useSecrets([SECRET, LETTERS])
})
afterAll(() => test.close())

const SECRET = ['invented', 'store', 'value', '7Qx2'].join('-')
const LETTERS = ['An', 'Invented', 'Store', 'Value'].join('_')
const SAMPLES: Readonly<Record<string, readonly [value: string, marker: string]>> = {
  email: ['ceo@acme.com', '[EMAIL_REDACTED]'],
  'email, spelled out': ['ceo [at] acme [dot] com', '[EMAIL_REDACTED]'],
  'email, zero-width': ['c\u200beo@ac\u200bme.com', '[EMAIL_REDACTED]'],
  'email, percent-encoded': ['ceo%40acme.com', '[EMAIL_REDACTED]'],
  phone: ['(415) 555-0132', '[PHONE_REDACTED]'],
  'phone, international': ['+1 415 555 0132', '[PHONE_REDACTED]'],
  'phone, full width': ['４１５-５５５-０１３２', '[PHONE_REDACTED]'],
  ssn: ['078-05-1120', '[SSN_REDACTED]'],
  card: ['4111 1111 1111 1111', '[CARD_REDACTED]'],
  key: ['sk-' + 'invented-' + '0123456789abcdef', '[SECRET_REDACTED]'],
  secret: [SECRET, '[SECRET_REDACTED]'],
}

async function stream(dialect: TestDialect, chunks: readonly Buffer[]): Promise<string> {
  upstream.chunks = chunks
  const answer = await ask(test[dialect.provider] + dialect.path, dialect.request)
  expect(answer.status).toBe(200)
  return answer.text
}

const through = async (dialect: TestDialect, pieces: readonly string[], lineEnd = '\n'): Promise<string> =>
  dialect.read(readEvents(await stream(dialect, written(dialect.events(pieces), lineEnd))))

/** Cut once at each place, and between all characters. */
function splitsOf(text: string, from: number, to: number): string[][] {
  const splits: string[][] = [text.split('')]
  for (let at = from; at <= to; at++) splits.push([text.slice(0, at), text.slice(at)])
  return splits
}

describe.each(Object.entries(TEXTS))('a text in a stream of %s', (_name, dialect) => {
  it.each(Object.entries(SAMPLES))('shows no %s, wherever it is cut', async (_type, [value, marker]) => {
    const before = 'You asked for it: '
    for (const pieces of splitsOf(`${before}${value}, as said. Bye!`, before.length, before.length + value.length)) {
      expect(await through(dialect, pieces)).toBe(`${before}${marker}, as said. Bye!`)
    }
  })

  it('that ends with something private shows none of it', async () => {
    for (const pieces of splitsOf('It is ceo@acme.com', 6, 18)) expect(await through(dialect, pieces)).toBe('It is [EMAIL_REDACTED]')
  })
})

describe.each(Object.entries(ARGUMENTS))('a tool’s arguments in a stream of %s', (_name, dialect) => {
  it.each(Object.entries(SAMPLES))('stay JSON and show no %s, wherever they are cut', async (_type, [value, marker]) => {
    const before = '{"n":4155550132,"to":"ü\\n'
    const escaped = JSON.stringify(value).slice(1, -1)
    for (const pieces of splitsOf(`${before}${escaped}","cc":[""]}`, before.length - 2, before.length + escaped.length + 1)) {
      const read = await through(dialect, pieces)
      expect(read.includes(' / ')).toBe(false)
      expect(JSON.parse(read)).toEqual({ n: 4_155_550_132, to: `ü\n${marker}`, cc: [''] })
    }
  })

  it('show nothing that is hidden by escapes', async () => {
    const text = '{"to":"c\\u0065o\\u0040acme.com"}'
    for (const pieces of splitsOf(text, 1, text.length - 1)) expect(await through(dialect, pieces)).toBe('{"to":"[EMAIL_REDACTED]"}')
  })

  it('that are no JSON show nothing either', async () => {
    for (const pieces of splitsOf('to ceo@acme.com now', 1, 18)) expect(await through(dialect, pieces)).toBe('to [EMAIL_REDACTED] now')
  })
})

describe('a stream that is cut into slices', () => {
  it.each(['\n', '\r\n', '\r'])('at every byte shows the same, with lines that end in %j', async (lineEnd) => {
    const pieces = ['Grüße 😀 an c', 'e\u200bo@acm', 'e.com ', 'und ４１', '５-５５５-０１３２!']
    const bytes = Buffer.concat(written(chatText.events(pieces), lineEnd))
    const whole = await stream(chatText, [bytes])
    expect(chatText.read(readEvents(whole.replaceAll(lineEnd, '\n')))).toBe('Grüße 😀 an [EMAIL_REDACTED] und [PHONE_REDACTED]!')
    expect(await stream(chatText, Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toBe(whole)
    const from = bytes.indexOf('Gr')
    for (let at = from; at < from + 900; at += 3) expect(await stream(chatText, [bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole)
  })

  it('anywhere, into pieces and slices of any length, shows nothing private', async () => {
    const dialects = fc.constantFrom(...Object.values(TEXTS))
    const words = fc.array(fc.oneof(fc.constantFrom(...Object.values(SAMPLES).map(([value]) => value)), fc.constantFrom('word', '😀', 'ü,', '12', '.', '\n')), { maxLength: 8 })
    const cuts = fc.array(fc.nat(400), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(dialects, words, cuts, cuts, async (dialect, list, pieceCuts, sliceCuts) => {
        const text = `${list.join('; ')}; `
        const bytes = Buffer.concat(written(dialect.events(cutAt(text, pieceCuts))))
        const places = [0, ...sliceCuts.map((cut) => Math.floor((cut / 400) * bytes.length)), bytes.length].sort((a, b) => a - b)
        const slices = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
        const expected = list.map((word) => Object.values(SAMPLES).find(([value]) => value === word)?.[1] ?? word).join('; ')
        expect(dialect.read(readEvents(await stream(dialect, slices)))).toBe(`${expected}; `)
      }),
      { numRuns: 150 },
    )
  })
})

function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort((a, b) => a - b)
  return places.slice(1).map((end, index) => text.slice(places[index], end)).filter((piece) => piece !== '')
}

describe('several texts at once', () => {
  it('are kept apart: choices that come in turns', async () => {
    const texts = ['Write to ceo@acme.com today', 'or call (415) 555-0132 now.', 'nothing at all, 😀']
    const longest = Math.max(...texts.map(({ length }) => length))
    const turns = Array.from({ length: longest }, (_, at) => texts.flatMap((text, index) => (text[at] ? [chunkOf({ content: text[at] }, null, index)] : []))).flat()
    const finishes = texts.map((_, index) => chunkOf({}, 'stop', index))
    const events = readEvents(await stream(chatText, written([...turns, ...finishes, ...CHAT_END])))
    const read = texts.map((_, index) => events.flatMap(({ choices }) => choices).filter((choice) => choice.index === index).map(({ delta }) => delta.content ?? '').join(''))
    expect(read).toEqual(['Write to [EMAIL_REDACTED] today', 'or call [PHONE_REDACTED] now.', 'nothing at all, 😀'])
  })

  it('are kept apart: tool calls that come in turns', async () => {
    const calls = ['{"to":"ceo@acme.com"}', '{"to":"(415) 555-0132"}']
    const begin = calls.map((_, index) => chunkOf({ tool_calls: [{ index, id: `call_invented${index}`, type: 'function', function: { name: 'send', arguments: '' } }] }))
    const turns = Array.from({ length: 30 }, (_, at) =>
      calls.flatMap((call, index) => (call[at] ? [chunkOf({ tool_calls: [{ index, function: { arguments: call[at] } }] })] : [])),
    ).flat()
    const events = readEvents(await stream(chatArguments, written([...begin, ...turns, chunkOf({}, 'tool_calls'), ...CHAT_END])))
    const made = events.flatMap(({ choices }) => choices).flatMap(({ delta }) => delta.tool_calls ?? [])
    const read = calls.map((_, index) => made.filter((call) => call.index === index).map((call) => call.function.arguments).join(''))
    expect(read).toEqual(['{"to":"[EMAIL_REDACTED]"}', '{"to":"[PHONE_REDACTED]"}'])
  })

  it('in turns within one choice, and each after its end, are still not put together by the agent', async () => {
    const deltas = [{ content: 'ceo' }, { reasoning_content: 'hm ' }, { content: '@ac' }, { reasoning_content: 'so ' }, { content: 'me.com ' }]
    const text = await stream(chatText, written([...deltas.map((delta) => chunkOf(delta)), chunkOf({}, 'stop'), ...CHAT_END]))
    expect(chatText.read(readEvents(text))).toBe('[EMAIL_REDACTED] ')
    const late = [chunkOf({ content: 'ceo' }), chunkOf({}, 'stop'), chunkOf({ content: '@acme.com' }), ...CHAT_END]
    expect(chatText.read(readEvents(await stream(chatText, written(late))))).toBe('ceo[EMAIL_REDACTED]')
  })
})

describe('what is no text of a known kind', () => {
  const email = 'ceo@acme.com'
  it.each<[string, string]>([
    ['an event that nobody knows', `data: {"surprise":{"deep":["${email}"]}}\n\n`],
    ['the name of a field', `data: {"choices":[],"${email}":1}\n\n`],
    ['a field that nobody knows', `data: {"choices":[{"index":0,"delta":{},"extra":"${email}"}]}\n\n`],
    ['an id', `data: {"id":"${email}","choices":[]}\n\n`],
    ['a comment', `: ${email}\n\n`],
    ['an event’s name', `event: ${email}\ndata: {}\n\n`],
    ['an event’s name that is a secret', `event: ${LETTERS}\ndata: {}\n\n`],
    ['an event’s id', `id: ${email}\ndata: {}\n\n`],
    ['data that is no JSON', `data: ${email}\n\n`],
    ['broken JSON', 'data: {"choices":[{"delta":{"content":"c\\u0065o@acme.com\n\n'],
    ['data of several lines', `data: {"choices":[{"index":0,"delta":\ndata: {"content":"${email}"}}]}\n\n`],
    ['JSON in a string', `data: {"surprise":"{\\"deep\\":\\"ceo\\\\u0040acme.com\\"}"}\n\n`],
    ['what stands there twice', `data: {"choices":[{"index":0,"delta":{"content":"1","content":"${email}"}}]}\n\n`],
    ['an event that does not end', `data: {"choices":[{"index":0,"delta":{"content":"${email}`],
    ['an error', `data: {"error":{"message":"No such user: ${email}"}}\n\n`],
  ])('shows nothing private: %s', async (_name, event) => {
    const text = await stream(chatText, [Buffer.from(event)])
    expect(text).toMatch(/\[(?:EMAIL|SECRET)_REDACTED\]/)
    expect(text).not.toMatch(/acme|Invented/)
  })

  it('shows nothing private in pieces of a kind that nobody knows', async () => {
    const pieces = ['data: {"completion":"ceo@"}\n\n', 'data: {"completion":"acme.com "}\n\n', 'data: {"completion":"x"}\n\n']
    expect(readEvents(await stream(chatText, pieces.map((piece) => Buffer.from(piece)))).map(({ completion }) => completion).join('')).toBe('[EMAIL_REDACTED] x')
    const lines = await stream(chatText, ['data: ceo@\n\n', 'data: acme.com\n\n'].map((piece) => Buffer.from(piece)))
    expect(lines).toBe('data: [EMAIL_REDACTED]\n\ndata: \n\n')
  })

  it('shows no token by token what was taken out', async () => {
    const token = (text: string): object => ({ token: text, logprob: -0.1, bytes: [...Buffer.from(text)], top_logprobs: [{ token: text, logprob: -0.1, bytes: null }] })
    const chunk = (text: string): { data: object } => ({ data: { choices: [{ index: 0, delta: { content: text }, logprobs: { content: [token(text)], refusal: null }, finish_reason: null }] } })
    const text = await stream(chatText, written([...['Hello! ', 'ceo', '@', 'acme', '.com', ' Bye!'].map(chunk), chunkOf({}, 'stop'), ...CHAT_END]))
    const events = readEvents(text)
    expect(chatText.read(events)).toBe('Hello! [EMAIL_REDACTED] Bye!')
    expect(events.slice(0, 6).map(({ choices }) => choices[0].logprobs?.content[0].token ?? null)).toEqual(['Hello! ', null, null, null, null, ' Bye!'])
  })

  it('leaves ids and encoded bytes as they are', async () => {
    const data = { id: 'chatcmpl-4155550132-078051120', item_id: '4f6c1f0e-4155-4555-8132-078051120415', signature: `4155550132/${'Ab9/'.repeat(80)}` }
    const bytes = written([{ data: { ...data, type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: data.signature } } }])
    expect(await stream(anthropicText, bytes)).toBe(String(bytes[0]))
  })
})
