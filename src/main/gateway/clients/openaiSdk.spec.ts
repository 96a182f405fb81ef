import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { DOLLAR } from '../../budget/testDesk.ts'
import { createStallingClock, createTestClients, type TestClients, type TestClientsOptions } from './testClients.ts'

const WRITE = {
  model: 'gpt-4',
  messages: [{ role: 'user' as const, content: 'Write an outreach message. Lead: Maria Lopez, company: Alder Works' }],
  max_tokens: 200,
}
const GPT_4 = { input: 30_000, output: 60_000 }
const GPT_4O = { input: 2_500, output: 10_000 }
const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
const WEATHER: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather at a place', parameters: CITY },
}

let clients: TestClients
afterEach(() => clients.close())

describe.each(['simulated', 'live'] as const)('the OpenAI SDK, answers %s', (mode) => {
  const open = async (options: Partial<TestClientsOptions> = {}): Promise<OpenAI> => {
    clients = await createTestClients({ mode, ...options })
    return clients.openai
  }

  it('chats, and is charged what its answer says', async () => {
    const openai = await open()
    const { choices, usage } = await openai.chat.completions.create(WRITE)
    expect(choices[0]?.message.content).toContain('Maria')
    const call = await clients.onlyCall()
    expect(call).toMatchObject({
      provider: 'openai',
      mode,
      endpoint: 'chat/completions',
      model: 'gpt-4',
      outcome: 'answered',
      isStreamed: false,
    })
    expect(call.cost).toBe(usage!.prompt_tokens * GPT_4.input + usage!.completion_tokens * GPT_4.output)
    expect(call.cost).toBeGreaterThan(0)
  })

  it('streams, sees no usage that it did not ask for, and is charged all the same', async () => {
    const openai = await open()
    const seen: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of await openai.chat.completions.create({ ...WRITE, stream: true })) seen.push(chunk)
    expect(seen.length).toBeGreaterThan(5)
    expect(seen.every((chunk) => chunk.choices.length === 1 && !chunk.usage)).toBe(true)
    expect(seen.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    const { usage, cost, isStreamed, attempts } = await clients.onlyCall()
    expect([isStreamed, attempts[0]?.receipt?.basis]).toEqual([true, 'reported'])
    expect(cost).toBe(usage.input! * GPT_4.input + usage.output! * GPT_4.output)
  })

  it('streams with the usage that it asked for', async () => {
    const openai = await open()
    const seen: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of await openai.chat.completions.create({ ...WRITE, stream: true, stream_options: { include_usage: true } }))
      seen.push(chunk)
    const { choices, usage } = seen.at(-1)!
    expect(choices).toEqual([])
    expect((await clients.onlyCall()).cost).toBe(usage!.prompt_tokens * GPT_4.input + usage!.completion_tokens * GPT_4.output)
  })

  it('is answered the same, plain and streamed', async () => {
    const openai = await open()
    const plain = await openai.chat.completions.create(WRITE)
    const streamed = await openai.chat.completions.stream(WRITE).finalChatCompletion()
    expect(streamed.choices[0]?.message.content).toBe(plain.choices[0]?.message.content)
    await clients.test.finished(2)
  })

  it.each([false, true])('runs its tools to the end (streamed: %s)', async (stream) => {
    const openai = await open()
    const asked: string[] = []
    const tool = {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        description: 'The weather at a place',
        parameters: CITY,
        parse: (text: string) => JSON.parse(text) as { city: string },
        function: ({ city }: { city: string }) => {
          asked.push(city)
          return { sky: 'overcast', degrees: 17 }
        },
      },
    }
    const request = {
      model: 'gpt-4o',
      messages: [{ role: 'user' as const, content: 'What is the weather in Paris?' }],
      tools: [tool],
      max_tokens: 300,
    }
    const runner = stream ? openai.chat.completions.runTools({ ...request, stream: true }) : openai.chat.completions.runTools(request)
    expect(await runner.finalContent()).toContain('sky: overcast, degrees: 17')
    expect(asked).toEqual(['Paris'])

    const calls = await clients.test.finished(2)
    expect(calls.map(({ isStreamed, outcome }) => [isStreamed, outcome])).toEqual([
      [stream, 'answered'],
      [stream, 'answered'],
    ])
    for (const { usage, cost } of calls) expect(cost).toBe(usage.input! * GPT_4O.input + usage.output! * GPT_4O.output)
  })

  it('gathers a tool call from its fragments', async () => {
    const openai = await open()
    const stream = openai.chat.completions.stream({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
      tools: [WEATHER],
    })
    const { choices } = await stream.finalChatCompletion()
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } }] },
    })
    expect((await clients.onlyCall()).outcome).toBe('answered')
  })

  it('parses an answer by its schema', async () => {
    const openai = await open()
    const schema = {
      type: 'object',
      properties: { company: { type: 'string' }, score: { type: 'integer' } },
      required: ['company', 'score'],
      additionalProperties: false,
    }
    const { choices } = await openai.chat.completions.parse({
      ...WRITE,
      response_format: { type: 'json_schema', json_schema: { name: 'lead', schema, strict: true } },
    })
    expect(choices[0]?.message.parsed).toEqual({ company: 'Alder Works', score: expect.any(Number) })
  })

  it('embeds', async () => {
    const openai = await open()
    const { data, usage } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a garden', 'a wood'] })
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1_536, 1_536])
    const floats = await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'a garden', encoding_format: 'float' })
    expect(data[0]?.embedding[7]).toBeCloseTo(floats.data[0]!.embedding[7]!, 6)
    const [first] = await clients.test.finished(2)
    expect(first?.cost).toBe(usage.prompt_tokens * 20)
  })

  it.each([false, true])('uses responses, with a function and its answer (streamed: %s)', async (stream) => {
    const openai = await open()
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: 'get_weather', description: 'The weather at a place', parameters: CITY, strict: true },
    ]
    const request = { model: 'gpt-4o', tools, max_output_tokens: 300 }
    const respond = (input: OpenAI.Responses.ResponseInput): Promise<OpenAI.Responses.Response> =>
      stream ? openai.responses.stream({ ...request, input }).finalResponse() : openai.responses.create({ ...request, input })
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'What is the weather in Paris?' }]
    const first = await respond(input)
    const [call] = first.output
    if (call?.type !== 'function_call') throw new Error(`expected a function call, got ${JSON.stringify(first.output)}`)
    expect(JSON.parse(call.arguments)).toEqual({ city: 'Paris' })
    const { type, call_id, name, arguments: text } = call
    const second = await respond([
      ...input,
      { type, call_id, name, arguments: text },
      { type: 'function_call_output', call_id, output: '{"sky":"overcast"}' },
    ])
    expect(second.output_text).toContain('sky: overcast')
    const calls = await clients.test.finished(2)
    expect(calls.map(({ cost }) => cost)).toEqual(
      [first, second].map(({ usage }) => usage!.input_tokens * GPT_4O.input + usage!.output_tokens * GPT_4O.output),
    )
  })

  it('completes', async () => {
    const openai = await open()
    const { choices, usage } = await openai.completions.create({
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'List ideas for a garden',
      max_tokens: 20,
    })
    expect([choices[0]?.finish_reason, usage?.completion_tokens]).toEqual(['length', 20])
    expect((await clients.onlyCall()).usage).toEqual({ input: usage?.prompt_tokens, output: 20 })
  })

  it('lists models, and is charged nothing for it', async () => {
    const openai = await open()
    const ids: string[] = []
    for await (const { id } of openai.models.list()) ids.push(id)
    expect(ids).toContain('gpt-4')
    expect((await openai.models.retrieve('gpt-4')).id).toBe('gpt-4')
    await expect(openai.models.retrieve('gpt-99')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    expect((await clients.test.finished(3)).map(({ cost }) => cost)).toEqual([0, 0, 0])
  })

  it('does not notice a rate limit that the gateway waits for', async () => {
    const openai = await open()
    clients.fail({ kind: 'rate-limit', times: 2, retryAfterMs: 1_500 })
    const { usage } = await openai.chat.completions.create(WRITE)
    const call = await clients.onlyCall()
    expect(call.attempts.map(({ status }) => status)).toEqual([429, 429, 200])
    expect(clients.test.delays).toContain(1_500)
    expect(call.cost).toBe(usage!.prompt_tokens * GPT_4.input + usage!.completion_tokens * GPT_4.output)
  })

  it('is told at once, and does not try again, when its budget is used up', async () => {
    const openai = await open({ plan: { budget: DOLLAR / 1_000, atLimit: 'end' } })
    const refused = await openai.chat.completions.create(WRITE).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OpenAI.APIError)
    const ours = { code: 'BUDGET_EXCEEDED', scope: null, limit: DOLLAR / 1_000, spent: 0, requested: expect.any(Number) }
    expect(refused).toMatchObject({ status: 402, code: 'budget_exceeded', type: 'insufficient_quota', error: { iron_cage: ours } })
    expect((refused as InstanceType<typeof OpenAI.APIError>).headers?.get('x-iron-cage-refusal')).toBe('BUDGET_EXCEEDED')
    expect(await clients.onlyCall()).toMatchObject({ outcome: 'refused', refusal: 'budget', cost: 0, attempts: [] })
  })

  it.each([
    ['an unknown model', { ...WRITE, model: 'gpt-99' }, { code: 'model_not_priced', param: 'model' }, 'refused'],
    ['a malformed request', { model: 'gpt-4', messages: [] }, { code: 'empty_array', param: 'messages' }, 'rejected'],
  ])('gets its own error for %s, and is charged nothing', async (_what, request, expected, outcome) => {
    const openai = await open()
    const refused = await openai.chat.completions.create(request).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError)
    expect(refused).toMatchObject({ status: 400, ...expected })
    expect(await clients.onlyCall()).toMatchObject({ outcome, cost: 0 })
  })

  it('is charged for what it got of a stream that it gave up', async () => {
    const openai = await open({ delayMs: 10_000, clock: createStallingClock(12) })
    const stream = await openai.chat.completions.create({ ...WRITE, stream: true })
    let text = ''
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? ''
      if (text.split(' ').length > 5) break
    }
    const call = await clients.onlyCall()
    expect(call).toMatchObject({ outcome: 'cancelled', attempts: [{ receipt: { basis: 'counted' } }] })
    expect(call.usage.output).toBeGreaterThan(5)
    expect(call.cost).toBe(call.usage.input! * GPT_4.input + call.usage.output! * GPT_4.output)
  })

  it('sees a stream that breaks off as broken off, and is charged for it', async () => {
    const openai = await open()
    clients.fail({ kind: 'cut', times: 1 })
    const stream = await openai.chat.completions.create({ ...WRITE, stream: true })
    const read = async (): Promise<void> => {
      for await (const { object } of stream) expect(object).toBe('chat.completion.chunk')
    }
    await expect(read()).rejects.toThrow()
    expect(await clients.onlyCall()).toMatchObject({ outcome: 'failed', cost: expect.any(Number) })
    expect((await clients.onlyCall()).cost).toBeGreaterThan(0)
  })
})
