import { describe, expect, it } from 'vitest'
import { createTestSimulation, tokensOf } from './testSimulation.ts'

const { ask } = createTestSimulation({ seed: 7 })
const ASK = { model: 'gpt-4o', instructions: 'You are brief.', input: 'Summarise: the garden grows well this year' }
const LOOK_UP = {
  type: 'function',
  name: 'look_up_lead',
  description: 'Look a lead up',
  parameters: { type: 'object', properties: { company: { type: 'string' } }, required: ['company'] },
}
const ASK_LEAD = {
  model: 'gpt-4o',
  input: [{ role: 'user', content: [{ type: 'input_text', text: 'Look up the lead, company: Alder Works' }] }],
  tools: [LOOK_UP],
}

describe('responses', () => {
  it('answer with a message and its usage', async () => {
    const answer = (await ask('responses', ASK)).json()
    expect(answer).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'gpt-4o',
      instructions: ASK.instructions,
      incomplete_details: null,
      error: null,
    })
    expect(answer.output).toEqual([
      {
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', annotations: [], logprobs: [], text: expect.stringContaining('garden') }],
      },
    ])
    const { input_tokens: input, output_tokens: output, total_tokens: total } = answer.usage
    expect(input).toBe(tokensOf(ASK.instructions, ASK.input) + 9)
    expect(output).toBe(tokensOf(answer.output[0].content[0].text))
    expect(total).toBe(input + output)
    expect(answer.usage).toMatchObject({ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } })
  })

  it('stream in the order of the real events', async () => {
    const plain = (await ask('responses', ASK)).json()
    const heard = await ask('responses', { ...ASK, stream: true })
    const events = heard.events()
    const kinds = events.map(({ type }) => type)
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(heard.text().match(/^event: .*$/gm)).toEqual(kinds.map((kind) => `event: ${kind}`))
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    const text = plain.output[0].content[0].text
    expect(events.flatMap(({ delta }) => delta ?? []).join('')).toBe(text)
    expect(events[0].response).toMatchObject({ status: 'in_progress', output: [], usage: null })
    const { id, output, ...last } = events.at(-1).response
    expect(last).toMatchObject({ status: 'completed', usage: plain.usage })
    expect(id).toBe(events[0].response.id)
    expect(output).toEqual([events.at(-2).item])
    expect(output[0].content[0].text).toBe(text)
    expect(heard.text()).not.toContain('[DONE]')
  })

  it('stay incomplete at the limit', async () => {
    const request = { ...ASK, input: 'Write 300 words on gardens', max_output_tokens: 20 }
    const answer = (await ask('responses', request)).json()
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 20 },
      output: [{ status: 'incomplete' }],
    })
    expect((await ask('responses', { ...request, stream: true })).events().at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', usage: { output_tokens: 20 } },
    })
  })

  it('call functions, also in fragments, and use their answers', async () => {
    const answer = (await ask('responses', ASK_LEAD)).json()
    expect(answer.output).toEqual([
      {
        id: expect.stringMatching(/^fc_/),
        type: 'function_call',
        status: 'completed',
        call_id: expect.stringMatching(/^call_/),
        name: 'look_up_lead',
        arguments: '{"company":"Alder Works"}',
      },
    ])
    const events = (await ask('responses', { ...ASK_LEAD, stream: true })).events()
    const deltas = events.filter(({ type }) => type === 'response.function_call_arguments.delta')
    expect(deltas.length).toBeGreaterThan(1)
    expect(deltas.map(({ delta }) => delta).join('')).toBe('{"company":"Alder Works"}')
    expect(events.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({
      arguments: '{"company":"Alder Works"}',
      name: 'look_up_lead',
    })

    const [call] = answer.output
    const result = { type: 'function_call_output', call_id: call.call_id, output: '{"employees":48}' }
    const after = (await ask('responses', { ...ASK_LEAD, input: [...ASK_LEAD.input, call, result] })).json()
    expect(after.output[0].content[0].text).toContain('employees: 48')
  })

  it('answer with JSON by the schema that is asked for', async () => {
    const schema = {
      type: 'object',
      properties: { points: { type: 'array', items: { type: 'string' }, minItems: 2 } },
      required: ['points'],
    }
    const answer = (await ask('responses', { ...ASK, text: { format: { type: 'json_schema', name: 'summary', schema } } })).json()
    expect(JSON.parse(answer.output[0].content[0].text).points.length).toBeGreaterThanOrEqual(2)
  })

  it.each([
    ['no model', { input: 'x' }, null],
    ['no input', { model: 'gpt-4o' }, 'input'],
    ['an input that is none', { model: 'gpt-4o', input: 7 }, 'input'],
    ['an unknown role', { model: 'gpt-4o', input: [{ role: 'wizard', content: 'x' }] }, 'input[0].role'],
    ['too low a limit', { ...ASK, max_output_tokens: 15 }, 'max_output_tokens'],
    ['a tool that is not there', { ...ASK_LEAD, tool_choice: { type: 'function', name: 'sing' } }, 'tool_choice'],
  ])('are refused for %s', async (_what, request, param) => {
    const heard = await ask('responses', request)
    expect(heard.status).toBe(400)
    expect(heard.json().error).toMatchObject({ type: 'invalid_request_error', param })
  })
})
