import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, CHAT, createTestGateway, MESSAGE, openAsk, USUAL_COST, type TestGateway } from './testGateway.ts'
import { answerJson, chatAnswer, chatChunk, startStream, type Script } from './testUpstream.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(async () => {
  await test.desk.settled()
  expect(test.desk.desk.status('lg-7a3f9c2d')).toMatchObject({ reserved: 0, openCalls: 0 })
  await test.close()
})

const failing = (times: number, fail: Script): Script => (response, seen, number) =>
  number <= times ? fail(response, seen, number) : answerJson(response, chatAnswer())
const unavailable: Script = (response, _seen, number) => answerJson(response, { error: { message: `invented ${number}` } }, 503, ['x-request-id', `req_${number}`])

describe('a call that fails', () => {
  it.each([408, 409, 429, 500, 503, 529])('with %i is tried again, and the agent sees only the answer', async (status) => {
    test.upstream.script = failing(2, (response) => answerJson(response, { error: {} }, status))
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, chatAnswer()])
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ outcome: 'answered', status: 200, problem: null, cost: USUAL_COST })
    expect(call!.attempts.map((attempt) => [attempt.status, attempt.receipt?.total])).toEqual([[status, undefined], [status, undefined], [200, USUAL_COST]])
    expect(call!.attempts.every(({ reserved }) => reserved > 0)).toBe(true)
    expect(test.delays).toEqual([375, 750])
    expect(new Set(test.upstream.seen.map(({ body }) => body.toString())).size).toBe(1)
  })

  it('again and again gives the agent the last answer, unchanged', async () => {
    test.upstream.script = unavailable
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.text, answer.headers['x-request-id']]).toEqual([503, '{"error":{"message":"invented 3"}}', 'req_3'])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'failed', status: 503, cost: 0, problem: 'The upstream answered with status 503.' }])
  })

  it('and then cannot even be reached gives the agent the last answer that there was', async () => {
    test.upstream.script = (response, seen, number) => (number < 3 ? unavailable(response, seen, number) : response.destroy())
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.text, answer.headers['x-request-id']]).toEqual([503, '{"error":{"message":"invented 2"}}', 'req_2'])
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ outcome: 'failed', status: 503, attempts: [{ status: 503 }, { status: 503 }, { status: null }] })
    expect(call!.attempts[2]!.receipt?.basis).toBe('counted')
  })

  it('without an answer is tried again, and each try that was sent is charged', async () => {
    test.upstream.script = failing(1, (response) => response.destroy())
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(200)
    const [call] = await test.finished(1)
    const [first, second] = call!.attempts
    expect([first!.receipt?.basis, second!.receipt?.total]).toEqual(['counted', USUAL_COST])
    expect(call!.cost).toBe(first!.receipt!.total + USUAL_COST)
    expect(call!.usage).toEqual({ input: 1_000 + first!.receipt!.lines[0]!.count, output: 100 })
  })

  it.each([400, 401, 404, 422])('with %i is not tried again', async (status) => {
    test.upstream.script = (response) => answerJson(response, { error: {} }, status)
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(status)
    expect(test.upstream.seen.length).toBe(1)
  })

  it('waits as long as it is asked to', async () => {
    test.upstream.script = failing(1, (response) => answerJson(response, { error: {} }, 429, ['retry-after', '7']))
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(200)
    expect(test.delays).toEqual([7_000])
  })

  it('goes back to the agent where it is asked to wait too long', async () => {
    test.upstream.script = (response) => answerJson(response, { error: {} }, 429, ['retry-after', '3600'])
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.headers['retry-after'], test.upstream.seen.length]).toEqual([429, '3600', 1])
  })

  it('is tried once where the agent’s own SDK tries again', async () => {
    test.upstream.script = unavailable
    const answer = await ask(`${test.openai}/chat/completions`, CHAT, { headers: ['x-stainless-retry-count', '1'] })
    expect([answer.status, test.upstream.seen.length]).toEqual([503, 1])
  })

  it('is tried thrice at the SDK’s first try', async () => {
    test.upstream.script = unavailable
    await ask(`${test.openai}/chat/completions`, CHAT, { headers: ['x-stainless-retry-count', '0'] })
    expect(test.upstream.seen.length).toBe(3)
  })

  it('after its first byte is not tried again', async () => {
    test.upstream.script = (response) => {
      startStream(response)
      response.write(chatChunk('Good'), () => response.destroy())
    }
    await expect(ask(`${test.openai}/chat/completions`, { ...CHAT, stream: true })).rejects.toThrow('aborted')
    await test.finished(1)
    expect(test.upstream.seen.length).toBe(1)
  })

  it('in the middle of an error is tried again', async () => {
    test.upstream.script = failing(1, (response) => {
      response.writeHead(500, { 'content-length': 100 })
      response.write('half', () => response.destroy())
    })
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(200)
  })

  it('with an endless error is cut off and tried again', async () => {
    test.upstream.script = failing(1, async (response) => {
      response.writeHead(500)
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536, 'x'), () => setImmediate(more)))
      more()
    })
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(200)
    await test.upstream.seen[0]!.gone
  })

  it('is not tried again when the agent hangs up meanwhile', async () => {
    test.upstream.script = (response) => answerJson(response, { error: {} }, 503)
    const desk = test.desk.desk.admit
    let open: ReturnType<typeof openAsk> | null = null
    test.admit = async (request) => {
      if (request.attempt < 2) return desk(request)
      // The second try waits for the budget; that is when the agent goes.
      const gone = new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve()))
      open?.hangUp()
      await gone
      return { outcome: 'abandoned' }
    }
    open = openAsk(`${test.openai}/chat/completions`, CHAT)
    expect(await test.finished(1)).toMatchObject([{ outcome: 'cancelled', status: null, attempts: [{ status: 503 }] }])
    expect(test.upstream.seen.length).toBe(1)
  })

  it('whose models cost nothing is tried again without a reservation', async () => {
    test.upstream.script = failing(1, unavailable)
    expect((await ask(`${test.openai}/models`)).status).toBe(200)
    expect(await test.finished(1)).toMatchObject([{ cost: 0, attempts: [{ reserved: 0, status: 503 }, { reserved: 0, status: 200 }] }])
  })
})

describe('an upstream that says nothing', () => {
  it('is given up in the end, in the provider’s words', async () => {
    await test.close()
    test = await createTestGateway({ upstreamLimits: { idleMs: 200 }, limits: { retry: { attempts: 2, firstDelayMs: 1, longestDelayMs: 1, longestAskedMs: 1 } } })
    test.upstream.script = () => undefined
    const answer = await ask(`${test.anthropic}/v1/messages`, MESSAGE)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([504, { type: 'error', error: { type: 'timeout_error', message: expect.stringMatching(/said nothing for 0\.2 s/) } }])
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ outcome: 'failed', status: 504, attempts: [{ receipt: { basis: 'counted' } }, { receipt: { basis: 'counted' } }] })
  })
})
