import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { DOLLAR } from '../../budget/testDesk.ts'
import { createStallingClock, createTestClients, type TestClients, type TestClientsOptions } from './testClients.ts'

const WRITE = {
  model: 'claude-sonnet-4-6',
  max_tokens: 300,
  system: 'You write outreach messages.',
  messages: [{ role: 'user' as const, content: 'Lead: Maria Lopez, company: Alder Works' }],
}
const PRICE = { input: 3_000, output: 15_000 }
const costOf = ({ input_tokens: input, output_tokens: output }: { input_tokens: number; output_tokens: number }): number =>
  input * PRICE.input + output * PRICE.output
const WEATHER: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather at a place',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

let clients: TestClients
afterEach(() => clients.close())

describe.each(['simulated', 'live'] as const)('the Anthropic SDK, answers %s', (mode) => {
  const open = async (options: Partial<TestClientsOptions> = {}): Promise<Anthropic> => {
    clients = await createTestClients({ mode, ...options })
    return clients.anthropic
  }

  it('gets a message, and is charged what it says', async () => {
    const anthropic = await open()
    const { content, usage, stop_reason } = await anthropic.messages.create(WRITE)
    expect([content[0], stop_reason]).toEqual([{ type: 'text', text: expect.stringContaining('Hi Maria') }, 'end_turn'])
    const call = await clients.onlyCall()
    expect(call).toMatchObject({ provider: 'anthropic', mode, endpoint: 'messages', model: WRITE.model, outcome: 'answered' })
    expect(call.cost).toBe(costOf(usage))
  })

  it('streams the same message, event by event', async () => {
    const anthropic = await open()
    const kinds: string[] = []
    const stream = anthropic.messages.stream(WRITE).on('streamEvent', ({ type }) => void kinds.push(type))
    const message = await stream.finalMessage()
    const call = await clients.onlyCall()
    expect(call).toMatchObject({ isStreamed: true, cost: costOf(message.usage) })
    expect([kinds[0], kinds.at(-1)]).toEqual(['message_start', 'message_stop'])
    expect((await anthropic.messages.create(WRITE)).content).toMatchObject(message.content.map(({ type }) => ({ type })))
    await clients.test.finished(2)
  })

  it.each([false, true])('runs its tools to the end (streamed: %s)', async (isStreamed) => {
    const anthropic = await open()
    const ask = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> => {
      const request = { model: 'claude-sonnet-4-6', max_tokens: 300, tools: [WEATHER], messages }
      return isStreamed ? anthropic.messages.stream(request).finalMessage() : anthropic.messages.create(request)
    }
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'What is the weather in Paris?' }]
    const first = await ask(messages)
    const used = first.content.find((block) => block.type === 'tool_use')
    expect([first.stop_reason, used?.name, used?.input]).toEqual(['tool_use', 'get_weather', { city: 'Paris' }])
    const result = { type: 'tool_result' as const, tool_use_id: used!.id, content: '17 degrees and overcast' }
    const second = await ask([...messages, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }])
    expect(second.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('17 degrees and overcast') })
    expect((await clients.test.finished(2)).map(({ cost }) => cost)).toEqual([costOf(first.usage), costOf(second.usage)])
  })

  it('gets JSON by its schema', async () => {
    const anthropic = await open()
    const schema = { type: 'object', properties: { company: { type: 'string' } }, required: ['company'], additionalProperties: false }
    const { content } = await anthropic.messages.create({ ...WRITE, output_config: { format: { type: 'json_schema', schema } } })
    expect(content).toEqual([{ type: 'text', text: '{"company":"Alder Works"}' }])
  })

  it('counts tokens and lists models, and is charged nothing for it', async () => {
    const anthropic = await open()
    const { input_tokens } = await anthropic.messages.countTokens({ model: WRITE.model, messages: WRITE.messages })
    expect(input_tokens).toBeGreaterThan(5)
    const ids: string[] = []
    for await (const { id } of anthropic.models.list()) ids.push(id)
    expect(ids).toContain('claude-sonnet-4-6')
    expect((await anthropic.models.retrieve('claude-sonnet-4-6')).display_name).toBe('Claude Sonnet 4.6')
    expect((await clients.test.finished(3)).map(({ cost }) => cost)).toEqual([0, 0, 0])
  })

  it('does not notice a breakdown that the gateway tries again after', async () => {
    const anthropic = await open()
    clients.fail({ kind: 'server-error', times: 1 }, { kind: 'rate-limit', times: 1, retryAfterMs: 700 })
    const { usage } = await anthropic.messages.create(WRITE)
    const call = await clients.onlyCall()
    expect(call.attempts.map(({ status }) => status)).toEqual([500, 429, 200])
    expect(call.cost).toBe(costOf(usage))
  })

  it('is told at once, and does not try again, when its budget is used up', async () => {
    const anthropic = await open({ plan: { budget: DOLLAR / 1_000, atLimit: 'end' } })
    const refused = await anthropic.messages.create(WRITE).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Anthropic.APIError)
    const ours = { code: 'BUDGET_EXCEEDED', scope: null, limit: DOLLAR / 1_000, spent: 0, requested: expect.any(Number) }
    expect(refused).toMatchObject({ status: 402, error: { type: 'error', error: { type: 'billing_error', iron_cage: ours } } })
    expect((refused as InstanceType<typeof Anthropic.APIError>).headers?.get('x-iron-cage-refusal')).toBe('BUDGET_EXCEEDED')
    expect(await clients.onlyCall()).toMatchObject({ outcome: 'refused', refusal: 'budget', cost: 0 })
  })

  it.each([
    ['an unknown model', { ...WRITE, model: 'claude-99' }, 'refused'],
    ['a malformed request', { ...WRITE, messages: [] }, 'rejected'],
  ])('gets its own error for %s, and is charged nothing', async (_what, request, outcome) => {
    const anthropic = await open()
    const refused = await anthropic.messages.create(request).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Anthropic.BadRequestError)
    expect(refused).toMatchObject({ status: 400, error: { error: { type: 'invalid_request_error' } } })
    expect(await clients.onlyCall()).toMatchObject({ outcome, cost: 0 })
  })

  it('is charged for what it got of a stream that it gave up', async () => {
    const anthropic = await open({ delayMs: 10_000, clock: createStallingClock(12) })
    const stream = await anthropic.messages.create({ ...WRITE, stream: true })
    let words = 0
    for await (const { type } of stream) if (type === 'content_block_delta' && ++words === 5) break
    const call = await clients.onlyCall()
    expect(call.outcome).toBe('cancelled')
    expect(call.usage.output).toBeGreaterThan(1)
    expect(call.cost).toBe(call.usage.input! * PRICE.input + call.usage.output! * PRICE.output)
  })
})
