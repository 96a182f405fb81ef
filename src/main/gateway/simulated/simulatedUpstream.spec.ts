import { describe, expect, it } from 'vitest'
import { SimulatedFailure } from '../../../shared/domain/simulatedFailure.ts'
import { createTestClock } from '../../access/testClock.ts'
import { AGENT, createTestSimulation, type Heard } from './testSimulation.ts'

const CHAT = { model: 'gpt-4', messages: [{ role: 'user', content: 'List three ideas for a garden' }] }
const STREAM = { ...CHAT, stream: true, stream_options: { include_usage: true } }
const MESSAGE = { model: 'claude-sonnet-4-5', max_tokens: 500, messages: CHAT.messages }

const failure = (fields: object): SimulatedFailure => SimulatedFailure.parse(fields)

describe('the same request', () => {
  it('gets the same answer at the same place of the same run, and another id at another', async () => {
    const clock = createTestClock()
    const texts = async () => {
      const { ask } = createTestSimulation({ seed: 5 }, { clock })
      return [
        (await ask('chat/completions', CHAT)).text(),
        (await ask('chat/completions', CHAT)).text(),
        (await ask('messages', MESSAGE)).text(),
      ]
    }
    const [first = '', second = '', third] = await texts()
    expect(await texts()).toEqual([first, second, third])
    expect(JSON.parse(second).choices).toEqual(JSON.parse(first).choices)
    expect(JSON.parse(second).id).not.toBe(JSON.parse(first).id)
    expect(JSON.parse(first).created).toBe(Math.floor(clock.now() / 1_000))
  })

  it('gets another answer by another seed, or with another word', async () => {
    const content = async (seed: number, request: object) =>
      (await createTestSimulation({ seed }).ask('chat/completions', request)).json().choices[0].message.content
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => content(seed, CHAT)))
    expect(new Set(answers).size).toBeGreaterThan(1)
  })

  it('begins anew with a new run', async () => {
    const { ask, upstream } = createTestSimulation({ failures: [failure({ kind: 'server-error', at: 1 })] }, { clock: createTestClock() })
    const first = [(await ask('chat/completions', CHAT)).text(), (await ask('chat/completions', CHAT)).text()]
    upstream.beginRun(AGENT)
    expect([(await ask('chat/completions', CHAT)).text(), (await ask('chat/completions', CHAT)).text()]).toEqual(first)
    upstream.forget(AGENT)
    expect((await ask('chat/completions', CHAT)).status).toBe(500)
  })
})

describe('an answer', () => {
  it('never comes before send has returned, and comes in order', async () => {
    const { send } = createTestSimulation()
    const heard = send('chat/completions', STREAM)
    expect(heard.told).toEqual([])
    await heard.over
    expect(heard.told.length).toBeGreaterThan(10)
    expect(heard.told).toEqual(['head', ...heard.chunks.map(() => 'data'), 'end'])
  })

  it('takes its delay; a stream is spread over it', async () => {
    const clock = createTestClock()
    const { send } = createTestSimulation({ delayMs: 1_000 }, { clock })
    const plain = send('chat/completions', CHAT)
    const stream = send('chat/completions', STREAM)
    clock.advance(500)
    await stream.chunk(1)
    expect(plain.told).toEqual([])
    expect(stream.chunks).toHaveLength(1)
    clock.advance(250)
    const half = stream.chunks.length
    expect(half).toBeGreaterThan(2)
    clock.advance(250)
    await Promise.all([plain.over, stream.over])
    expect(stream.chunks.length).toBeGreaterThan(half + 2)
    expect(plain.json().choices).toHaveLength(1)
    expect(clock.waiting()).toBe(0)
  })

  it('waits while it is held', async () => {
    const { send } = createTestSimulation()
    const heard = send('chat/completions', STREAM)
    await heard.chunk(2)
    heard.flow.pause()
    const before = heard.chunks.length
    // Another whole answer comes meanwhile.
    await send('chat/completions', STREAM).over
    expect([heard.chunks.length, heard.isEnded]).toEqual([before, false])
    heard.flow.resume()
    heard.flow.resume()
    await heard.over
    expect(heard.events().at(-1).usage.total_tokens).toBeGreaterThan(0)
  })

  it('held before its head stays whole too', async () => {
    const { send } = createTestSimulation()
    const heard = send('chat/completions', CHAT)
    heard.flow.pause()
    await send('chat/completions', CHAT).over
    expect(heard.told).toEqual([])
    heard.flow.resume()
    await heard.over
    expect(heard.told).toEqual(['head', 'data', 'end'])
  })

  it.each([
    ['before its delay is over', 0],
    ['in the middle of a stream', 750],
  ])('says nothing more after it was given up %s', async (_when, passed) => {
    const clock = createTestClock()
    const { send, ask } = createTestSimulation({ delayMs: 1_000 }, { clock })
    const heard = send('chat/completions', STREAM)
    if (passed > 0) {
      clock.advance(500)
      await heard.chunk(1)
      clock.advance(passed - 500)
    }
    const before = [...heard.told]
    heard.flow.abort()
    expect(clock.waiting()).toBe(0)
    const other = ask('chat/completions', CHAT)
    clock.advance(5_000)
    await other
    expect(heard.told).toEqual(before)
  })

  it('is given up with all the others when the provider closes', async () => {
    const clock = createTestClock()
    const { send, upstream } = createTestSimulation({ delayMs: 1_000 }, { clock })
    const heard = [send('chat/completions', CHAT), send('messages', MESSAGE)]
    await upstream.close()
    expect(clock.waiting()).toBe(0)
    expect(heard.map(({ told }) => told)).toEqual([[], []])
  })

  it('counts a megabyte without keeping anybody waiting: the counting is asked of the counter', async () => {
    const asked: number[] = []
    const tokens = {
      count: (_provider: string, _model: string, texts: readonly string[]) => Promise.resolve(asked.push(texts.join('').length)),
      close: () => Promise.resolve(),
    }
    const { ask } = createTestSimulation({}, { tokens })
    const content = 'garden '.repeat(150_000)
    const heard = await ask('chat/completions', { ...CHAT, messages: [{ role: 'user', content }] })
    expect(heard.status).toBe(200)
    expect(asked[0]).toBe(content.length)
    expect(heard.json().usage.prompt_tokens).toBe(1 + 6)
  })

  it('is an error of the provider where an address is unknown', async () => {
    const heard = await createTestSimulation().ask('unknown', {})
    expect([heard.status, heard.json().error.type]).toEqual([404, 'invalid_request_error'])
  })
})

describe('failures', () => {
  const kinds = (heard: readonly Heard[]) => heard.map(({ status, problem }) => problem?.kind ?? status)

  it('come at their attempts of the run, as often as planned', async () => {
    const failures = [
      failure({ kind: 'server-error', at: 2, times: 2 }),
      failure({ kind: 'rate-limit', at: 5 }),
      failure({ kind: 'rate-limit', at: 5 }),
    ]
    const { ask } = createTestSimulation({ failures })
    const heard: Heard[] = []
    for (let attempt = 0; attempt < 8; attempt++)
      heard.push(await ask(attempt % 2 ? 'messages' : 'chat/completions', attempt % 2 ? MESSAGE : CHAT))
    expect(kinds(heard)).toEqual([200, 500, 500, 200, 429, 429, 200, 200])
  })

  it('may be those of one provider alone', async () => {
    const { ask } = createTestSimulation({ failures: [failure({ provider: 'openai', kind: 'server-error', times: 2 })] })
    const heard: Heard[] = []
    for (let round = 0; round < 3; round++) heard.push(await ask('messages', MESSAGE), await ask('chat/completions', CHAT))
    expect(kinds(heard)).toEqual([200, 500, 200, 500, 200, 200])
  })

  it('told while it runs come next, or from their attempt on', async () => {
    const { ask, upstream } = createTestSimulation()
    await ask('chat/completions', CHAT)
    upstream.fail(AGENT, [failure({ kind: 'server-error' }), failure({ kind: 'rate-limit', at: 4 })])
    upstream.fail('ot-00000001', [failure({ kind: 'server-error', times: 100 })])
    const heard = [
      await ask('chat/completions', CHAT),
      await ask('chat/completions', CHAT),
      await ask('chat/completions', CHAT),
      await ask('chat/completions', CHAT),
    ]
    expect(kinds(heard)).toEqual([500, 200, 429, 200])
  })

  it('told wait for the next run, if need be, and are forgotten with the agent', async () => {
    const { ask, upstream } = createTestSimulation()
    upstream.fail(AGENT, [failure({ kind: 'server-error' })])
    upstream.beginRun(AGENT)
    expect((await ask('chat/completions', CHAT)).status).toBe(500)
    upstream.fail(AGENT, [failure({ kind: 'server-error' })])
    upstream.forget(AGENT)
    expect((await ask('chat/completions', CHAT)).status).toBe(200)
  })

  it('are refused when too many wait', () => {
    const { upstream } = createTestSimulation()
    const many = Array.from({ length: 1_000 }, () => failure({ kind: 'cut' }))
    upstream.fail(AGENT, many)
    expect(() => upstream.fail(AGENT, [failure({ kind: 'cut' })])).toThrow(/1000 failures wait/)
  })

  it.each([
    [
      'OpenAI',
      'chat/completions',
      CHAT,
      { error: { message: expect.any(String), type: 'requests', param: null, code: 'rate_limit_exceeded' } },
    ],
    [
      'Anthropic',
      'messages',
      MESSAGE,
      { type: 'error', error: { type: 'rate_limit_error', message: expect.any(String) }, request_id: expect.any(String) },
    ],
  ] as const)('say when to come back, as %s says it', async (_name, endpoint, request, body) => {
    const heard = await createTestSimulation({ failures: [failure({ kind: 'rate-limit', retryAfterMs: 1_500 })] }).ask(endpoint, request)
    expect(heard.status).toBe(429)
    expect([heard.header('retry-after'), heard.header('retry-after-ms')]).toEqual(['2', '1500'])
    expect(heard.json()).toEqual(body)
  })

  it.each([
    ['OpenAI', 'chat/completions', CHAT, 'server_error'],
    ['Anthropic', 'messages', MESSAGE, 'api_error'],
  ] as const)('break down as %s does', async (_name, endpoint, request, type) => {
    const heard = await createTestSimulation({ failures: [failure({ kind: 'server-error' })] }).ask(endpoint, request)
    expect([heard.status, heard.json().error.type]).toEqual([500, type])
  })

  it('keep silent until it is a time-out', async () => {
    const clock = createTestClock()
    const { send } = createTestSimulation({ failures: [failure({ kind: 'time-out', times: 2 })] }, { clock, idleMs: 30_000 })
    const heard = send('chat/completions', STREAM)
    const givenUp = send('chat/completions', CHAT)
    givenUp.flow.abort()
    clock.advance(29_999)
    expect(heard.told).toEqual([])
    clock.advance(1)
    expect(heard.problem).toEqual({ kind: 'time-out', wasSent: true, message: 'The provider sent nothing for 30 seconds.' })
    expect([heard.told, givenUp.told]).toEqual([['problem'], []])
  })

  it.each([
    ['a stream of OpenAI', 'chat/completions', STREAM],
    ['a stream of Anthropic', 'messages', { ...MESSAGE, stream: true }],
  ] as const)('cut %s inside an event', async (_name, endpoint, request) => {
    const whole = await createTestSimulation().ask(endpoint, request)
    const heard = await createTestSimulation({ failures: [failure({ kind: 'cut' })] }).ask(endpoint, request)
    expect(heard.status).toBe(200)
    expect(heard.problem).toMatchObject({ kind: 'cut', wasSent: true })
    expect(heard.isEnded).toBe(false)
    expect(heard.text().endsWith('\n\n')).toBe(false)
    expect(heard.events().length).toBeGreaterThan(2)
    expect(
      whole
        .text()
        .replace(/"created":\d+/g, '')
        .startsWith(
          heard
            .text()
            .replace(/"created":\d+/g, '')
            .slice(0, -60),
        ),
    ).toBe(true)
  })

  it('cut a body in the middle', async () => {
    const heard = await createTestSimulation({ failures: [failure({ kind: 'cut' })] }).ask('chat/completions', CHAT)
    expect(heard.problem).toMatchObject({ kind: 'cut', wasSent: true })
    expect(Number(heard.header('content-length'))).toBeGreaterThan(heard.text().length)
    expect(heard.text().length).toBeGreaterThan(100)
  })

  it.each([
    ['embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 4 }],
    ['chat/completions', CHAT],
    ['messages', MESSAGE],
  ] as const)('send JSON that nobody can read: %s', async (endpoint, request) => {
    const heard = await createTestSimulation({ failures: [failure({ kind: 'malformed' })] }).ask(endpoint, request)
    expect([heard.status, heard.isEnded]).toEqual([200, true])
    expect(heard.header('content-length')).toBe(String(Buffer.byteLength(heard.text())))
    expect(() => heard.json()).toThrow(SyntaxError)
  })

  it('send one event that nobody can read, and all the others', async () => {
    const whole = await createTestSimulation().ask('chat/completions', STREAM)
    const heard = await createTestSimulation({ failures: [failure({ kind: 'malformed' })] }).ask('chat/completions', STREAM)
    const datas = heard
      .text()
      .split('\n\n')
      .filter((event) => event !== '' && event !== 'data: [DONE]')
    const unreadable = datas.filter((data) => {
      try {
        JSON.parse(data.slice('data: '.length))
        return false
      } catch {
        return true
      }
    })
    expect([heard.isEnded, datas.length, unreadable.length]).toEqual([true, whole.events().length, 1])
  })
})
