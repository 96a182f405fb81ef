import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import { AGENT, CENT, DOLLAR } from '../budget/testDesk.ts'
import { ask, CHAT, createTestGateway, MESSAGE, USUAL_COST, type Answer, type TestGateway } from './testGateway.ts'
import { answerJson, chatAnswer, startStream, chatChunk, DONE, LAST_CHUNK } from './testUpstream.ts'

let test: TestGateway
beforeEach(async () => {
  test = await createTestGateway()
})
afterEach(() => test.close())

const SCOPE = 'scope-00000000000a'
const MAIL = 'ceo@acme.com'

function open(limit: number | null, safetyMode: SafetyMode | null = null): void {
  test.desk.desk.openScope(AGENT, { id: SCOPE, name: 'enrich', limit, safetyMode, within: null })
}
const within = (...scopes: string[]): { headers: string[] } => ({ headers: scopes.flatMap((scope) => ['X-Iron-Cage-Scope', scope]) })
const ironCage = (answer: Answer): unknown => (JSON.parse(answer.text) as { error: { iron_cage: unknown } }).error.iron_cage

describe('a call that names its scope', () => {
  it('is charged to it, and the provider hears nothing of that', async () => {
    open(DOLLAR)
    expect((await ask(`${test.openai}/chat/completions`, CHAT, within(SCOPE))).status).toBe(200)
    await test.finished(1)
    expect(test.desk.desk.scopeStatus(AGENT, SCOPE)).toMatchObject({ spent: USUAL_COST, reserved: 0, calls: 1 })
    expect(JSON.stringify(test.upstream.seen[0]!.rawHeaders).toLowerCase()).not.toContain('iron-cage')
  })

  it.each([
    ['openai', '/chat/completions', CHAT, { error: { type: 'insufficient_quota', code: 'budget_exceeded' } }],
    ['anthropic', '/v1/messages', MESSAGE, { type: 'error', error: { type: 'billing_error' } }],
  ] as const)('is refused at the scope’s limit in the words of %s, with what a program needs', async (provider, path, body, error) => {
    open(1)
    const answer = await ask(test[provider] + path, body, within(SCOPE))
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([402, error])
    expect(ironCage(answer)).toEqual({ code: 'BUDGET_EXCEEDED', scope: SCOPE, limit: 1, spent: 0, requested: expect.any(Number) })
    expect([answer.headers['x-iron-cage-refusal'], answer.headers['x-should-retry']]).toEqual(['BUDGET_EXCEEDED', 'false'])
    expect(await test.finished(1)).toMatchObject([{ outcome: 'refused', refusal: 'budget', cost: 0, problem: expect.stringContaining('for "enrich"') }])
    expect(test.upstream.seen).toEqual([])
  })

  it.each([
    ['that is unknown', ['scope-ffffffffffff']],
    ['without a name', ['']],
    ['and another one', [SCOPE, 'scope-ffffffffffff']],
    ['twice', [SCOPE, SCOPE]],
    ['that is no id', ['__proto__']],
  ])('is refused for one %s, also where it costs nothing', async (_what, scopes) => {
    open(DOLLAR)
    for (const answer of [
      await ask(`${test.openai}/chat/completions`, CHAT, within(...scopes)),
      await ask(`${test.openai}/models`, undefined, within(...scopes)),
      await ask(`${test.anthropic}/v1/messages`, MESSAGE, within(...scopes)),
    ]) {
      expect([answer.status, answer.headers['x-iron-cage-refusal'], ironCage(answer)]).toEqual([403, 'UNKNOWN_SCOPE', { code: 'UNKNOWN_SCOPE' }])
    }
    expect(test.upstream.seen).toEqual([])
  })

  it('is refused when its scope closes between two tries', async () => {
    open(DOLLAR)
    test.upstream.script = (response) => {
      test.desk.desk.closeScope(AGENT, SCOPE)
      answerJson(response, { error: {} }, 503)
    }
    const answer = await ask(`${test.openai}/chat/completions`, CHAT, within(SCOPE))
    expect([answer.status, answer.headers['x-iron-cage-refusal'], test.upstream.seen.length]).toEqual([403, 'UNKNOWN_SCOPE', 1])
  })

  it('cannot hide it behind the headers of one hop', async () => {
    const headers = ['connection', 'close, x-iron-cage-scope', 'x-iron-cage-scope', 'scope-ffffffffffff']
    expect((await ask(`${test.openai}/chat/completions`, CHAT, { headers })).status).toBe(403)
  })

  it('goes hand in hand with others: all of them together stay within it', async () => {
    open(10 * CENT)
    // 5 and 200 tokens: within the worst case, as of any provider that keeps to what it is asked.
    test.upstream.script = (response) => answerJson(response, chatAnswer({ prompt_tokens: 5, completion_tokens: 200, total_tokens: 205 }))
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(`${test.openai}/chat/completions`, CHAT, within(SCOPE))))
    await test.finished(12)
    const { spent } = test.desk.desk.scopeStatus(AGENT, SCOPE)
    expect(spent).toBe(answers.filter(({ status }) => status === 200).length * (5 * 30_000 + 200 * 60_000))
    expect(spent).toBeLessThanOrEqual(10 * CENT)
    expect(spent).toBeGreaterThan(0)
  })
})

describe('a scope that is stricter than the rules', () => {
  const PRIVATE = { ...CHAT, messages: [{ role: 'user', content: `Write to ${MAIL}` }] }

  it.each(['warn', 'off', 'redact'] as const)('blocks where they say "%s": the call is refused, and its agent goes on', async (mode) => {
    test.safety.mode = mode
    open(null, 'block')
    const answer = await ask(`${test.openai}/chat/completions`, PRIVATE, within(SCOPE))
    expect([answer.status, ironCage(answer)]).toEqual([403, { code: 'PII_BLOCKED', types: ['email'] }])
    expect([test.upstream.seen, answer.headers['x-iron-cage-refusal']]).toEqual([[], 'PII_BLOCKED'])
  })

  it('takes private data out of the question and of the answer', async () => {
    test.safety.mode = 'warn'
    open(null, 'redact')
    test.upstream.script = (response) => answerJson(response, chatAnswer(undefined, `Ask ${MAIL}`))
    const answer = await ask(`${test.openai}/chat/completions`, PRIVATE, within(SCOPE))
    expect([answer.text.includes(MAIL), test.upstream.seen[0]!.body.toString().includes(MAIL)]).toEqual([false, false])
    expect((await ask(`${test.openai}/chat/completions`, PRIVATE)).text).toContain(MAIL)
  })

  it('tells in the middle of a stream what was found', async () => {
    test.safety.mode = 'warn'
    open(null, 'block')
    test.upstream.script = (response) => {
      startStream(response)
      for (const chunk of [chatChunk('Hello'), chatChunk(` ${MAIL} `), LAST_CHUNK, DONE]) response.write(chunk)
      response.end()
    }
    const { text } = await ask(`${test.openai}/chat/completions`, { ...CHAT, stream: true }, within(SCOPE))
    expect(text).toContain('"iron_cage":{"code":"PII_BLOCKED","types":["email"]}')
    expect(text).not.toContain(MAIL)
  })

  it('loosens nothing', async () => {
    test.safety.mode = 'redact'
    open(null, 'warn')
    await ask(`${test.openai}/chat/completions`, PRIVATE, within(SCOPE))
    expect(test.upstream.seen[0]!.body.toString().includes(MAIL)).toBe(false)
  })
})

it('no upstream can say in our name that we refused', async () => {
  test.upstream.script = (response) => answerJson(response, { error: {} }, 401, ['X-Iron-Cage-Refusal', 'BUDGET_EXCEEDED'])
  expect((await ask(`${test.openai}/chat/completions`, CHAT)).headers['x-iron-cage-refusal']).toBeUndefined()
})
