import { afterEach, describe, expect, it } from 'vitest'
import { CENT } from '../budget/testDesk.ts'
import { ask, CHAT, createTestGateway, MESSAGE, openAsk, type TestGateway } from './testGateway.ts'
import { answerJson, chatAnswer } from './testUpstream.ts'

let test: TestGateway
afterEach(() => test.close())

describe('a call that does not fit into the budget', () => {
  it('ends in OpenAI’s words, and nothing leaves', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'end' } })
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, answer.headers['x-should-retry'], JSON.parse(answer.text)]).toEqual([
      402,
      'false',
      {
        error: {
          message: expect.any(String),
          type: 'insufficient_quota',
          param: null,
          code: 'budget_exceeded',
          iron_cage: { code: 'BUDGET_EXCEEDED', scope: null, limit: 1, spent: 0, requested: expect.any(Number) },
        },
      },
    ])
    expect(answer.headers['x-iron-cage-refusal']).toBe('BUDGET_EXCEEDED')
    expect(test.upstream.seen).toEqual([])
    const [call] = await test.finished(1)
    expect(call).toMatchObject({ outcome: 'refused', refusal: 'budget', status: 402, cost: 0, attempts: [], firstByteMs: null })
    expect(answer.headers['x-request-id']).toBe(call!.id)
  })

  it('ends in Anthropic’s words at its door', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'end' } })
    const answer = await ask(`${test.anthropic}/v1/messages`, MESSAGE)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([402, { type: 'error', error: { type: 'billing_error', message: expect.any(String) } }])
    expect(answer.headers['request-id']).toBe((await test.finished(1))[0]!.id)
  })

  it('waits, and goes through once somebody approves: the agent sees a slow answer', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'ask' } })
    const answer = ask(`${test.openai}/chat/completions`, CHAT)
    await parked()
    expect(test.upstream.seen).toEqual([])
    await test.desk.desk.raise('lg-7a3f9c2d', 100 * CENT, 'owner', 'invented')
    expect((await answer).status).toBe(200)
  })

  it('is refused once somebody declines', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'ask' } })
    const answer = ask(`${test.openai}/chat/completions`, CHAT)
    await parked()
    await test.desk.desk.decline('lg-7a3f9c2d', null, 'owner', 'invented')
    expect((await answer).status).toBe(402)
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'declined' }])
  })

  it('is forgotten when its agent hangs up', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'ask' } })
    const open = openAsk(`${test.openai}/chat/completions`, CHAT)
    await parked()
    open.hangUp()
    expect(await test.finished(1)).toMatchObject([{ outcome: 'cancelled', status: null, cost: 0, attempts: [] }])
    expect(test.desk.desk.status('lg-7a3f9c2d')).toMatchObject({ parked: [], reserved: 0 })
  })

  it('is answered when its run is over, and whoever asked lives on: a program may leave a room', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'ask' } })
    const asked = ask(`${test.openai}/chat/completions`, CHAT)
    await parked()
    await test.desk.change({ status: 'stopped', pid: null })
    const { status, headers } = await asked
    expect([status, headers['x-iron-cage-refusal']]).toEqual([401, 'UNKNOWN_RUN'])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'cancelled', status: 401, problem: 'The run was over before the call could leave.', cost: 0, attempts: [] }])
  })

  it('counts its text where bytes alone are too much', async () => {
    const content = 'Good morning to you. '.repeat(100)
    test = await createTestGateway({ plan: { budget: 3 * CENT, atLimit: 'end' } })
    test.upstream.script = (response) => answerJson(response, chatAnswer({ prompt_tokens: 600, completion_tokens: 10 }))
    const answer = await ask(`${test.openai}/chat/completions`, { ...CHAT, messages: [{ role: 'user', content }], max_tokens: 10 })
    expect(answer.status).toBe(200)
    const [call] = await test.finished(1)
    // Two thousand bytes would have been six cents; some five hundred tokens are not.
    expect(call!.attempts[0]!.reserved).toBeLessThan(3 * CENT)
  })

  it('never takes the limit with it, however many come at once', async () => {
    const budget = 10 * CENT
    test = await createTestGateway({ plan: { budget, atLimit: 'end' } })
    let billed = 0
    test.upstream.script = (response) => {
      billed += 200 * 60_000 + 10 * 30_000
      answerJson(response, chatAnswer({ prompt_tokens: 10, completion_tokens: 200, total_tokens: 210 }))
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`${test.openai}/chat/completions`, CHAT)))
    const calls = await test.finished(50)
    await test.desk.settled()
    expect(calls.reduce((sum, { cost }) => sum + cost, 0)).toBe(billed)
    expect(test.desk.desk.status('lg-7a3f9c2d').spent).toBe(billed)
    expect(billed).toBeLessThanOrEqual(budget)
    expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([200, 402])
  })
})

describe('a desk that fails', () => {
  it('is a closed gate', async () => {
    test = await createTestGateway()
    test.admit = () => Promise.reject(new Error('invented: the disk is full'))
    const answer = await ask(`${test.openai}/chat/completions`, CHAT)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([500, { error: { code: 'no_account' } }])
    expect(answer.text).not.toContain('disk')
    expect(test.upstream.seen).toEqual([])
    expect(test.defects.splice(0).map(String)).toEqual(['Error: invented: the disk is full'])
  })
})

describe('a key', () => {
  it.each([
    ['openai', '/chat/completions', CHAT, [], 'OPENAI_API_KEY'],
    ['openai', '/models', undefined, [], 'OPENAI_API_KEY'],
    ['openai', '/chat/completions', CHAT, ['authorization', 'Bearer '], 'OPENAI_API_KEY'],
    ['openai', '/chat/completions', CHAT, ['authorization', 'Bearer sk-simulated-iron-cage'], 'OPENAI_API_KEY'],
    ['anthropic', '/v1/messages', MESSAGE, ['x-api-key', 'sk-simulated-iron-cage'], 'ANTHROPIC_API_KEY'],
  ] as const)('is asked for before %s itself is called (%s)', async (provider, path, body, headers, name) => {
    test = await createTestGateway({ llm: { upstreams: { openai: null, anthropic: null } } })
    const answer = await ask(test[provider] + path, body, { headers: [...headers] })
    expect(answer.status).toBe(401)
    expect((JSON.parse(answer.text) as { error: { message: string } }).error.message).toContain(`set ${name}`)
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'no-key', status: 401, cost: 0 }])
  })

  it('is not asked for where another server answers', async () => {
    test = await createTestGateway()
    expect((await ask(`${test.openai}/chat/completions`, CHAT)).status).toBe(200)
  })
})

describe('a gateway that closes', () => {
  it('hangs up on both sides and settles what is open', async () => {
    test = await createTestGateway()
    test.upstream.script = () => undefined
    const answer = ask(`${test.openai}/chat/completions`, CHAT)
    const seen = await test.upstream.asked(1)
    await Promise.all([test.gateway.close(), expect(answer).rejects.toThrow('hang up')])
    await seen.gone
    expect(await test.finished(1)).toMatchObject([{ outcome: 'cancelled' }])
    expect(test.settled.length).toBe(1)
    await expect(ask(`${test.openai}/models`)).rejects.toThrow('ECONNREFUSED')
  })

  it('lets go of whoever waits for a decision', async () => {
    test = await createTestGateway({ plan: { budget: 1, atLimit: 'ask' } })
    const answer = ask(`${test.openai}/chat/completions`, CHAT)
    await parked()
    await Promise.all([test.gateway.close(), expect(answer).rejects.toThrow('hang up')])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'cancelled', attempts: [] }])
  })
})

async function parked(): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (test.desk.desk.status('lg-7a3f9c2d').parked.length > 0) resolve()
      else setImmediate(look)
    }
    look()
  })
}
