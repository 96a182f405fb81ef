import { once } from 'node:events'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import type { Clock } from '../ports.ts'
import { openTestServices, type TestServices } from '../reliability/testServices.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { systemClock } from '../systemPorts.ts'
import { createSimulatedUpstream } from './simulated/simulatedUpstream.ts'
import { ask, CHAT, createTestGateway, MESSAGE, openAsk, type TestGateway, type TestGatewayOptions } from './testGateway.ts'
import { answerJson, chatAnswer, chatChunk, startStream } from './testUpstream.ts'

const folders = useTestFolders()
let services: TestServices
let test: TestGateway

async function open(options: TestGatewayOptions = {}, cooldownMs = 60_000, clock: Clock = createTestClock()): Promise<void> {
  const upstreamPolicy = () => ({ failures: 5, cooldownMs, longestCooldownMs: 600_000, probeMs: 10_000, window: null })
  services = await openTestServices({ dataFolder: folders.make(), upstreamPolicy, clock: { ...createTestClock(), ...clock } })
  await services.launch()
  test = await createTestGateway({ breakers: services.desk.upstreams, ...options })
}

beforeEach(() => open())
afterEach(async () => {
  await test.desk.settled()
  expect(test.desk.desk.status('lg-7a3f9c2d')).toMatchObject({ reserved: 0, openCalls: 0 })
  await test.close()
  expect(services.defects).toEqual([])
  await services.close()
})

/** One try each, as from an SDK that tries again itself. */
const singly = { headers: ['x-stainless-retry-count', '1'] }
const chat = () => ask(`${test.openai}/chat/completions`, CHAT, singly)
const host = (): string => new URL(test.upstream.url).host
const breaker = (provider = 'openai') => services.view(provider, host())
const respond = (status: number, headers: string[] = []): void => {
  test.upstream.script = (response) => answerJson(response, status < 300 ? chatAnswer() : { error: { message: 'invented' } }, status, headers)
}
async function fail(times: number, status = 503, headers: string[] = []): Promise<void> {
  respond(status, headers)
  for (let i = 0; i < times; i++) await chat()
}

describe('the breaker of an upstream', () => {
  it('opens after five failures, keeps calls away at once, tries one and closes', async () => {
    await fail(5, 503)
    expect(breaker()).toMatchObject({ agentId: null, state: 'open', calls: 5, failures: 5, reason: '5 calls in a row (503)' })
    const before = test.upstream.seen.length
    const answer = await chat()
    expect([answer.status, answer.headers['retry-after'], answer.headers['retry-after-ms'], answer.headers['x-should-retry']]).toEqual([503, '60', '60000', 'false'])
    expect(JSON.parse(answer.text)).toMatchObject({
      error: { type: 'server_error', code: 'circuit_open', message: `openai ${host()} is failing: 5 calls in a row (503). It is tried again in 60 s.` },
    })
    expect(test.upstream.seen.length).toBe(before)
    const calls = await test.finished(6)
    expect(calls[5]).toMatchObject({ outcome: 'refused', refusal: 'unavailable', attempts: [], cost: 0 })

    respond(200)
    services.clock.advance(60_000)
    expect((await chat()).status).toBe(200)
    expect(breaker()).toMatchObject({ state: 'closed', recoveries: 1, blocked: 1, calls: 6 })
    await services.settled()
    expect(services.sentences()).toEqual([
      `openai ${host()} is failing: 5 calls in a row (503). Its calls are kept away for 60 s.`,
      `openai ${host()} is tried again with one call.`,
      `openai ${host()} works again after 1 min.`,
    ])
  })

  it('answers in the other provider’s words, for its own upstream alone', async () => {
    test.upstream.script = (response) => answerJson(response, {}, 529)
    for (let i = 0; i < 5; i++) await ask(`${test.anthropic}/v1/messages`, MESSAGE, singly)
    const answer = await ask(`${test.anthropic}/v1/messages`, MESSAGE, singly)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([503, { type: 'error', error: { type: 'overloaded_error' } }])
    respond(200)
    expect((await chat()).status).toBe(200)
  })

  it('is understood by the providers’ own SDKs, which do not wait for it', async () => {
    await fail(5)
    test.upstream.script = (response) => answerJson(response, {}, 529)
    for (let i = 0; i < 5; i++) await ask(`${test.anthropic}/v1/messages`, MESSAGE, singly)
    const asked = test.upstream.seen.length
    const openai = new OpenAI({ apiKey: 'invented', baseURL: test.openai })
    const refused: unknown = await openai.chat.completions.create({ model: 'gpt-4', messages: [{ role: 'user', content: 'Good morning!' }] }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OpenAI.InternalServerError)
    expect(refused).toMatchObject({ status: 503, code: 'circuit_open', error: { iron_cage: { code: 'CIRCUIT_OPEN', service: 'openai', retryAfterMs: 60_000 } } })
    const anthropic = new Anthropic({ apiKey: 'invented', baseURL: test.anthropic })
    const other: unknown = await anthropic.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'Good morning!' }] }).catch((error: unknown) => error)
    expect(other).toBeInstanceOf(Anthropic.InternalServerError)
    expect(other).toMatchObject({ status: 503, error: { error: { type: 'overloaded_error', iron_cage: { code: 'CIRCUIT_OPEN' } } } })
    expect((refused as InstanceType<typeof OpenAI.InternalServerError>).headers.get('retry-after')).toBe('60')
    expect([test.upstream.seen.length, breaker().blocked, breaker('anthropic').blocked]).toEqual([asked, 1, 1])
  })

  it('gives the provider’s own last word to a call that it ends in the middle of its tries', async () => {
    respond(503, ['x-request-id', 'req_invented'])
    await chat()
    await chat()
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.headers['x-request-id'], test.upstream.seen.length]).toEqual([503, 'req_invented', 5])
    const next = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([next.headers['x-request-id'] === 'req_invented', test.upstream.seen.length]).toEqual([false, 5])
  })

  it('waits as long as a Retry-After asks for, where that is longer', async () => {
    await fail(4, 429)
    await fail(1, 429, ['retry-after', '120'])
    expect(breaker().retryAt).toBe(services.clock.now() + 120_000)
  })

  it('is not opened by callers who are wrong, nor by our own refusals', async () => {
    for (const status of [400, 401, 404, 409, 422]) await fail(3, status)
    expect(breaker()).toMatchObject({ state: 'closed', failures: 0, calls: 15 })
    for (let i = 0; i < 6; i++) await ask(`${test.openai}/chat/completions`, { ...CHAT, model: 'nobody-knows' }, singly)
    await ask(`${test.openai}/chat/completions`, '{', singly)
    expect(breaker().calls).toBe(15)
  })

  it('is not opened by agents who hang up', async () => {
    test.upstream.script = () => undefined
    for (let i = 0; i < 5; i++) {
      const call = openAsk(`${test.openai}/chat/completions`, CHAT, singly)
      await test.upstream.asked(i + 1)
      call.hangUp()
      await test.finished(i + 1)
    }
    expect(breaker()).toMatchObject({ state: 'closed', failures: 0, calls: 5 })
  })

  it('is opened by streams that break in the middle', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Good'), () => response.destroy())
    }
    for (let i = 0; i < 5; i++) await ask(`${test.openai}/chat/completions`, { ...CHAT, stream: true }, singly).catch(() => undefined)
    await test.finished(5)
    expect(breaker()).toMatchObject({ state: 'open', failures: 5, reason: '5 calls in a row (cut)' })
  })

  it('takes the head of a stream for an answer to its probe', async () => {
    await fail(5)
    services.clock.advance(60_000)
    let finish = (): void => undefined
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Good'))
      finish = () => response.end('data: [DONE]\n\n')
    }
    const streaming = openAsk(`${test.openai}/chat/completions`, { ...CHAT, stream: true }, singly)
    const response = await streaming.response
    expect(breaker().state).toBe('closed')
    finish()
    response.resume()
    await once(response, 'end')
    await test.finished(6)
    expect(breaker()).toMatchObject({ state: 'closed', served: { primary: 1 } })
  })

  it('is the agent’s own where its provider is simulated', async () => {
    await test.close()
    await services.close()
    const simulated = createSimulatedUpstream({ clock: { now: () => Date.now(), after: (_delay, action) => ({ cancel: clearImmediate.bind(null, setImmediate(action)) }) } })
    await open({ llm: { mode: 'simulated', upstreams: { openai: null, anthropic: null }, simulation: { seed: 1, delayMs: 0, failures: [{ kind: 'server-error', at: 1, times: 5 }] } }, simulated })
    for (let i = 0; i < 5; i++) expect((await chat()).status).toBe(500)
    expect((await chat()).status).toBe(503)
    expect(services.view('openai', 'simulated')).toMatchObject({ agentId: 'lg-7a3f9c2d', state: 'open' })
    services.clock.advance(60_000)
    expect((await chat()).status).toBe(200)
    await simulated.close()
  })

  it('does all of that in real time too', async () => {
    await test.close()
    await services.close()
    await open({}, 150, systemClock)
    const moved = (state: string): Promise<void> =>
      new Promise((resolve) => {
        const stop = services.bus.listen((events) => {
          if (!events.some((event) => event.name === 'service.changed' && event.payload.service.state === state)) return
          stop()
          resolve()
        })
      })
    const isHalfOpen = moved('half-open')
    await fail(5)
    const { since, retryAt } = breaker()
    expect(retryAt! - since).toBe(150)
    expect((await chat()).status).toBe(503)
    await isHalfOpen
    respond(200)
    const isClosed = moved('closed')
    expect((await chat()).status).toBe(200)
    await isClosed
    const { msIn, recoveries } = breaker()
    expect([recoveries, msIn.open]).toEqual([1, 150])
  })
})
