import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Call } from '../../shared/domain/llm.ts'
import { CENT } from '../budget/testDesk.ts'
import { ask, CHAT, createTestGateway, MESSAGE, openAsk, USUAL_COST, type TestGateway } from './testGateway.ts'
import { answerJson, chatAnswer, chatChunk, startStream } from './testUpstream.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway({ limits: { retry: { attempts: 1, firstDelayMs: 1, longestDelayMs: 1, longestAskedMs: 1 } } })
})
afterEach(async () => {
  await test.desk.settled()
  // Whatever happened: nothing is held any more, and what the ledger says is the sum of the receipts.
  const calls = test.desk.heard('llm.callFinished').map(({ payload }) => payload.call)
  const spent = calls.reduce((sum, { cost }) => sum + cost, 0)
  expect(test.desk.desk.status('lg-7a3f9c2d')).toMatchObject({ spent, reserved: 0, running: 0, openCalls: 0 })
  expect(test.settled.reduce((sum, receipt) => sum + (receipt?.total ?? 0), 0)).toBe(spent)
  await test.close()
})

const STREAMED = { ...CHAT, stream: true }
const only = async (): Promise<Call> => {
  const calls = await test.finished(1)
  expect([calls.length, test.settled.length]).toEqual([1, 1])
  return calls[0]!
}

describe('a call is settled', () => {
  it('by what its answer says it used', async () => {
    await ask(`${test.openai}/chat/completions`, CHAT)
    const call = await only()
    expect(call).toMatchObject({ provider: 'openai', mode: 'live', endpoint: 'chat/completions', model: 'gpt-4', isStreamed: false, outcome: 'answered' })
    expect(call).toMatchObject({ refusal: null, status: 200, problem: null, usage: { input: 1_000, output: 100 }, cost: USUAL_COST })
    const [attempt] = call.attempts
    expect(attempt).toMatchObject({ status: 200, problem: null, receipt: { pricedAs: 'gpt-4', total: USUAL_COST, basis: 'reported', isPriceEstimated: false } })
    expect(attempt!.reserved).toBeGreaterThan(200 * 60_000)
    expect([call.firstByteMs! >= 0, call.durationMs >= call.firstByteMs!, call.startedAt > 0]).toEqual([true, true, true])
  })

  it('and can be told of where the clock was set back meanwhile', async () => {
    test.upstream.script = (response) => {
      test.putClock(-3_600_000)
      answerJson(response, chatAnswer())
    }
    await ask(`${test.openai}/chat/completions`, CHAT)
    const call = await only()
    expect(Call.parse(call)).toMatchObject({ durationMs: 0, firstByteMs: 0, attempts: [{ durationMs: 0 }], cost: USUAL_COST })
  })

  it('for nothing where the answer says it used nothing', async () => {
    test.upstream.script = (response) => answerJson(response, chatAnswer({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }))
    await ask(`${test.openai}/chat/completions`, CHAT)
    expect(await only()).toMatchObject({ outcome: 'answered', cost: 0, attempts: [{ receipt: { total: 0, basis: 'reported' } }] })
  })

  it.each([
    ['nothing of it', 'none'],
    ['null', null],
  ])('by counting where the answer says %s', async (_what, usage) => {
    test.upstream.script = (response) => answerJson(response, chatAnswer(usage, 'Good morning to you.'))
    await ask(`${test.openai}/chat/completions`, CHAT)
    const call = await only()
    // Three tokens of text and what a chat brings with it; five tokens back.
    expect(call).toMatchObject({ outcome: 'answered', usage: { output: 5 }, attempts: [{ receipt: { basis: 'counted' } }] })
    expect(call.usage.input).toBeGreaterThan(3)
    expect(call.cost).toBe(call.usage.input! * 30_000 + 5 * 60_000)
  })

  it('by counting where a stream says nothing of it', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.end(chatChunk('Good morning') + chatChunk(' to you.') + 'data: [DONE]\n\n')
    }
    await ask(`${test.openai}/chat/completions`, STREAMED)
    expect(await only()).toMatchObject({ outcome: 'answered', usage: { output: 5 }, attempts: [{ receipt: { basis: 'counted' } }] })
  })

  it('by counting what cannot be read', async () => {
    test.upstream.script = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"choices": [ "Good morning to you"')
    }
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).text).toBe('{"choices": [ "Good morning to you"')
    const call = await only()
    expect(call).toMatchObject({ outcome: 'failed', problem: 'The answer is no JSON.', attempts: [{ receipt: { basis: 'counted' } }] })
    expect(call.usage.output).toBeGreaterThan(4)
  })

  it('with its searches, however long its answer is', async () => {
    const message = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Good morning. '.repeat(50_000) }] }
    const search = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'invented' } }
    const usage = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 }
    test.upstream.script = (response) => answerJson(response, { id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-4.1', output: [search, search, message], usage })
    await ask(`${test.openai}/responses`, { model: 'gpt-4.1', input: 'Good morning!', max_output_tokens: 200, tools: [{ type: 'web_search' }] })
    expect(await only()).toMatchObject({ outcome: 'answered', usage: { input: 1_000, output: 100, webSearch: 2 }, attempts: [{ receipt: { basis: 'reported' } }] })
  })

  it('by the prices of the model that answered, where they are known', async () => {
    test.upstream.script = (response) => answerJson(response, { ...chatAnswer(), model: 'gpt-3.5-turbo' })
    await ask(`${test.openai}/chat/completions`, CHAT)
    expect((await only()).attempts[0]!.receipt?.pricedAs).toBe('gpt-3.5-turbo')
  })

  it('by the prices of the model that was asked for, where the one that answered is unheard of', async () => {
    test.upstream.script = (response) => answerJson(response, { ...chatAnswer(), model: 'example-model' })
    await ask(`${test.openai}/chat/completions`, CHAT)
    expect(await only()).toMatchObject({ cost: USUAL_COST, attempts: [{ receipt: { pricedAs: 'gpt-4', isPriceEstimated: false } }] })
  })

  it.each([400, 401, 404, 422, 429, 500, 503])('for nothing where it is answered with %i', async (status) => {
    test.upstream.script = (response) => answerJson(response, { error: { message: 'invented' } }, status, ['x-request-id', 'req_1'])
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.text, answer.headers['x-request-id']]).toEqual([status, '{"error":{"message":"invented"}}', 'req_1'])
    const outcome = status === 429 || status >= 500 ? 'failed' : 'rejected'
    const problem = `The upstream answered with status ${status}.`
    expect(await only()).toMatchObject({ outcome, status, problem, cost: 0, attempts: [{ status, problem, receipt: null }] })
  })

  it('for what an error says it used', async () => {
    test.upstream.script = (response) => answerJson(response, chatAnswer(), 500)
    await ask(`${test.openai}/chat/completions`, CHAT)
    expect(await only()).toMatchObject({ outcome: 'failed', cost: USUAL_COST })
  })

  it('when the agent hangs up on a stream: the upstream is cut off, and what came is charged', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Good morning') + chatChunk(' to you.'))
    }
    const open = openAsk(`${test.openai}/chat/completions`, STREAMED)
    const answer = await open.response
    await new Promise((resolve) => answer.once('data', resolve))
    open.hangUp()
    await test.upstream.seen[0]!.gone
    expect(await only()).toMatchObject({ outcome: 'cancelled', status: 200, usage: { output: 5 }, attempts: [{ problem: 'The agent hung up.', receipt: { basis: 'counted' } }] })
  })

  it('when the agent hangs up before any answer: what was sent is charged', async () => {
    test.upstream.script = () => undefined
    const open = openAsk(`${test.openai}/chat/completions`, CHAT)
    const seen = await test.upstream.asked(1)
    open.hangUp()
    await seen.gone
    const call = await only()
    expect(call).toMatchObject({ outcome: 'cancelled', status: null, firstByteMs: null, attempts: [{ status: null }] })
    expect([call.usage.input! > 3, call.usage.output ?? 0]).toEqual([true, 0])
  })

  it('when a stream of Anthropic’s is hung up on: its first word on output is not its last', async () => {
    const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
    const message = { id: 'msg_invented', model: 'claude-sonnet-4-5', usage: { input_tokens: 1_000, output_tokens: 1 } }
    test.upstream.script = (response) => {
      startStream(response)
      response.write(event('message_start', { message }) + event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'x'.repeat(400) } }))
    }
    const open = openAsk(`${test.anthropic}/v1/messages`, { ...MESSAGE, stream: true })
    const answer = await open.response
    await new Promise((resolve) => answer.once('data', resolve))
    open.hangUp()
    expect(await only()).toMatchObject({ outcome: 'cancelled', usage: { input: 1_000, output: 100 }, attempts: [{ receipt: { basis: 'counted' } }] })
  })

  it('when the upstream breaks off: the agent sees the cut, and what came is charged', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Good morning to you.'), () => response.destroy())
    }
    await expect(ask(`${test.openai}/chat/completions`, STREAMED)).rejects.toThrow('aborted')
    const call = await only()
    expect(call).toMatchObject({ outcome: 'failed', status: 200, usage: { output: 5 }, attempts: [{ receipt: { basis: 'counted' } }] })
    expect(call.problem).toMatch(/broke its answer off/)
  })

  it.each([
    ['embeddings', { model: 'text-embedding-3-small', input: ['Good morning!'] }],
    ['chat/completions', CHAT],
  ])('for no more than was asked for, where %s break off: what came may be numbers, sound or anything', async (endpoint, body) => {
    test.upstream.script = async (response, seen) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' })
      response.write(`{"data":[{"embedding":[${'0.0123456,'.repeat(5_000)}`, () => response.destroy())
      await seen.gone
    }
    await expect(ask(`${test.openai}/${endpoint}`, body)).rejects.toThrow()
    const [attempt] = (await only()).attempts
    expect(attempt).toMatchObject({ status: 200, receipt: { basis: 'counted' } })
    expect(attempt!.receipt!.total).toBeGreaterThan(0)
    expect(attempt!.receipt!.total).toBeLessThanOrEqual(attempt!.reserved)
  })

  it('when the upstream closes without an answer: it may have worked on it', async () => {
    test.upstream.script = (response) => response.destroy()
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.headers['x-should-retry']]).toEqual([502, 'false'])
    expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'server_error', code: 'upstream_unreachable' } })
    const call = await only()
    expect(call).toMatchObject({ outcome: 'failed', status: 502, attempts: [{ status: null, receipt: { basis: 'counted' } }] })
    expect(call.usage.input).toBeGreaterThan(3)
  })
})

describe('nothing is charged', () => {
  it('where no connection came about', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const other = await createTestGateway({ llm: { upstreams: { openai: `http://127.0.0.1:${port}`, anthropic: null } } })
    const answer = await ask(`${other.openai}/chat/completions`, CHAT)
    expect(answer.status).toBe(502)
    const [call] = await other.finished(1)
    expect(call).toMatchObject({ outcome: 'failed', status: 502, cost: 0, attempts: [{ receipt: null }, { receipt: null }, { receipt: null }] })
    expect(call!.problem).toMatch(/^127\.0\.0\.1:\d+ could not be reached/)
    await other.close()
  })
})

describe('a model that stands in no price list', () => {
  it('is refused by name', async () => {
    const answer = await ask(`${test.openai}/chat/completions`, { ...CHAT, model: 'example-model' })
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { error: { code: 'model_not_priced', param: 'model', message: expect.stringContaining('"example-model"') } }])
    expect(test.upstream.seen).toEqual([])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'unknown-model', model: 'example-model', cost: 0, attempts: [] }])
  })

  it('is charged at a ceiling where the plan says so, and marked', async () => {
    const other = await createTestGateway({ llm: { unknownModel: 'ceiling' }, plan: { budget: 100_000 * CENT } })
    other.upstream.script = (response) => answerJson(response, { ...chatAnswer(), model: 'example-model' })
    expect((await ask(`${other.openai}/chat/completions`, { ...CHAT, model: 'example-model' })).status).toBe(200)
    const [call] = await other.finished(1)
    expect(call!.attempts[0]!.receipt).toMatchObject({ pricedAs: 'ceiling', isPriceEstimated: true })
    expect(call!.cost).toBeGreaterThan(USUAL_COST)
    await other.close()
  })
})
