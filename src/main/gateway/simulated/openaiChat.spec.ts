import { describe, expect, it } from 'vitest'
import { createTestSimulation, tokensOf } from './testSimulation.ts'

const { ask } = createTestSimulation({ seed: 7 })
const user = (content: unknown) => ({ role: 'user', content })
const CHAT = { model: 'gpt-4', messages: [user('Write an outreach message. Lead: Maria Lopez, company: Alder Works')] }
const WEATHER = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather at a place',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
}
const TIME = {
  type: 'function',
  function: { name: 'get_time', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}
const LEAD = {
  type: 'object',
  properties: { company: { type: 'string' }, score: { type: 'integer', minimum: 1, maximum: 10 } },
  required: ['company', 'score'],
  additionalProperties: false,
}
const ASK_WEATHER = { model: 'gpt-4o', messages: [user('What is the weather in Paris?')], tools: [WEATHER, TIME] }

describe('chat completions', () => {
  it('answer with a message and its usage', async () => {
    const heard = await ask('chat/completions', CHAT)
    const answer = heard.json()
    expect(heard.status).toBe(200)
    expect(heard.header('x-iron-cage-simulated')).toBe('true')
    expect(heard.header('content-length')).toBe(String(Buffer.byteLength(heard.text())))
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-4',
      choices: [{ index: 0, finish_reason: 'stop', logprobs: null }],
    })
    expect(answer.id).toMatch(/^chatcmpl-\w{29}$/)
    const { content, role, refusal } = answer.choices[0].message
    expect([role, refusal]).toEqual(['assistant', null])
    expect(content).toContain('Maria')
    expect(content).not.toMatch(/simulat/i)
    const { prompt_tokens: input, completion_tokens: output, total_tokens: total, prompt_tokens_details: details } = answer.usage
    expect(input).toBe(tokensOf(CHAT.messages[0]?.content as string) + 6)
    expect(output).toBe(tokensOf(content))
    expect(total).toBe(input + output)
    expect(details.cached_tokens).toBe(0)
  })

  it('stream the same answer, word by word, with usage where it is asked for', async () => {
    const plain = (await ask('chat/completions', CHAT)).json()
    const heard = await ask('chat/completions', { ...CHAT, stream: true, stream_options: { include_usage: true } })
    const events = heard.events()
    expect(heard.header('content-type')).toMatch(/^text\/event-stream/)
    expect(heard.text().endsWith('data: [DONE]\n\n')).toBe(true)
    expect(events.every(({ object, id }) => object === 'chat.completion.chunk' && id === events[0].id)).toBe(true)
    expect(events[0].choices).toEqual([
      { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
    ])
    expect(events.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(plain.choices[0].message.content)
    expect(events.at(-2).choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }])
    expect(events.at(-1)).toMatchObject({ choices: [], usage: plain.usage })
    expect(events.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
  })

  it('stream without usage where nobody asked for it', async () => {
    const heard = await ask('chat/completions', { ...CHAT, stream: true })
    expect(heard.text()).not.toContain('usage')
    expect(heard.events().at(-1).choices[0].finish_reason).toBe('stop')
  })

  it('give several answers at once, each counted', async () => {
    const { choices, usage } = (await ask('chat/completions', { ...CHAT, n: 3 })).json()
    expect(choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2])
    const contents = choices.map(({ message }: { message: { content: string } }) => message.content)
    expect(usage.completion_tokens).toBe(contents.reduce((sum: number, text: string) => sum + tokensOf(text), 0))
    expect(new Set(contents).size).toBeGreaterThan(1)
    const events = (await ask('chat/completions', { ...CHAT, n: 3, stream: true })).events()
    expect(events.slice(0, 3).map(({ choices: [choice] }) => [choice.index, choice.delta.role])).toEqual(
      [0, 1, 2].map((index) => [index, 'assistant']),
    )
    const spoken = [0, 1, 2].map((index) =>
      events.map(({ choices: [choice] }) => (choice.index === index ? (choice.delta.content ?? '') : '')).join(''),
    )
    expect(spoken).toEqual(contents)
  })

  it.each([
    ['max_tokens', false],
    ['max_completion_tokens', false],
    ['max_tokens', true],
  ])('honour %s (streamed: %s)', async (field, isStreamed) => {
    const whole = (await ask('chat/completions', CHAT)).json().choices[0].message.content
    for (const most of [1, 2, 7, 10_000]) {
      const heard = await ask('chat/completions', {
        ...CHAT,
        [field]: most,
        ...(isStreamed && { stream: true, stream_options: { include_usage: true } }),
      })
      const events = isStreamed ? heard.events() : [heard.json()]
      const text = isStreamed ? events.map(({ choices }) => choices[0]?.delta.content ?? '').join('') : events[0].choices[0].message.content
      const finish = events.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])
      expect(finish).toEqual([most < 10_000 ? 'length' : 'stop'])
      expect(events.at(-1).usage.completion_tokens).toBe(Math.min(most, tokensOf(whole)))
      expect(whole.startsWith(text)).toBe(true)
    }
  })

  it('end before a stop sequence', async () => {
    const whole = (await ask('chat/completions', CHAT)).json().choices[0].message.content as string
    const { choices, usage } = (await ask('chat/completions', { ...CHAT, stop: ['Best regards', 'never said'] })).json()
    expect(choices[0].message.content).toBe(whole.slice(0, whole.indexOf('Best regards')))
    expect(choices[0].finish_reason).toBe('stop')
    expect(usage.completion_tokens).toBe(tokensOf(choices[0].message.content))
    expect((await ask('chat/completions', { ...CHAT, stop: 'Hi' })).json().choices[0].message.content).toBe('')
  })

  it('ignore what steers a real model', async () => {
    const steered = {
      ...CHAT,
      temperature: 2,
      top_p: 0.1,
      logit_bias: { 50256: -100 },
      logprobs: true,
      presence_penalty: 1,
      seed: 4,
      user: 'someone',
      unheard_of: {},
    }
    expect((await ask('chat/completions', steered)).json().choices).toEqual((await ask('chat/completions', CHAT)).json().choices)
  })

  it('answer with JSON by the schema that is asked for', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'lead', strict: true, schema: LEAD } }
    const { choices } = (await ask('chat/completions', { ...CHAT, response_format: format })).json()
    const lead = JSON.parse(choices[0].message.content)
    expect(lead).toEqual({ company: 'Alder Works', score: expect.any(Number) })
    const asked = { ...CHAT, messages: [user('Answer in JSON: what is a lead?')], response_format: { type: 'json_object' } }
    expect(JSON.parse((await ask('chat/completions', asked)).json().choices[0].message.content)).toEqual({ answer: expect.any(String) })
  })

  it('read content given in parts', async () => {
    const parts = [
      { type: 'text', text: 'Who is the lead? Company: Alder Works' },
      { type: 'image_url', image_url: { url: 'https://www.example.com/a.png' } },
    ]
    const { usage } = (await ask('chat/completions', { model: 'gpt-4o', messages: [user(parts)] })).json()
    expect(usage.prompt_tokens).toBe(tokensOf(parts[0]?.text ?? '') + 6 + 85)
  })
})

describe('tools in chat completions', () => {
  it('are called when the request is about them', async () => {
    const { choices, usage } = (await ask('chat/completions', ASK_WEATHER)).json()
    const [choice] = choices
    expect(choice).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ type: 'function', function: { name: 'get_weather' } }] },
    })
    const [call] = choice.message.tool_calls
    expect(call.id).toMatch(/^call_\w{24}$/)
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Paris', unit: expect.stringMatching(/^(celsius|fahrenheit)$/) })
    expect(usage.completion_tokens).toBe(tokensOf('get_weather', call.function.arguments))
  })

  it('come in fragments over a stream', async () => {
    const events = (await ask('chat/completions', { ...ASK_WEATHER, stream: true })).events()
    const deltas = events.flatMap(({ choices }) => choices[0].delta.tool_calls ?? [])
    expect(deltas[0]).toEqual({
      index: 0,
      id: expect.stringMatching(/^call_/),
      type: 'function',
      function: { name: 'get_weather', arguments: '' },
    })
    expect(deltas.length).toBeGreaterThan(2)
    expect(deltas.slice(1).every((delta: object) => Object.keys(delta).join() === 'index,function')).toBe(true)
    const whole = (await ask('chat/completions', ASK_WEATHER)).json().choices[0].message.tool_calls[0].function.arguments
    expect(deltas.map((delta) => delta.function.arguments).join('')).toBe(whole)
    expect(events.at(-1).choices[0].finish_reason).toBe('tool_calls')
  })

  const both = [user('Tell me the weather and the time in Paris')]
  const about = [user('Sing a song, please')]
  it.each([
    ['of itself', {}, ASK_WEATHER.messages, ['get_weather']],
    ['none, for the request is about something else', {}, about, []],
    ['one, for it must', { tool_choice: 'required' }, about, 1],
    ['the one it is told', { tool_choice: { type: 'function', function: { name: 'get_time' } } }, about, ['get_time']],
    ['none, for it may not', { tool_choice: 'none' }, ASK_WEATHER.messages, []],
    ['two at once', {}, both, ['get_time', 'get_weather']],
    ['one at a time', { parallel_tool_calls: false }, both, 1],
  ])('are chosen: %s', async (_what, more, messages, expected) => {
    const [choice] = (await ask('chat/completions', { ...ASK_WEATHER, messages, ...more })).json().choices
    const names = (choice.message.tool_calls ?? []).map((call: { function: { name: string } }) => call.function.name).sort()
    expect(typeof expected === 'number' ? names.length : names).toEqual(expected)
    expect(choice.finish_reason).toBe(names.length > 0 ? 'tool_calls' : 'stop')
  })

  it('have their answers used', async () => {
    const [{ message }] = (await ask('chat/completions', ASK_WEATHER)).json().choices
    const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: '{"sky":"overcast","degrees":17}' }
    const [choice] = (await ask('chat/completions', { ...ASK_WEATHER, messages: [...ASK_WEATHER.messages, message, result] })).json()
      .choices
    expect(choice.finish_reason).toBe('stop')
    expect(choice.message.content).toContain('sky: overcast, degrees: 17')
  })

  it('are called in the old manner too, and with free text', async () => {
    const old = { model: 'gpt-4', messages: ASK_WEATHER.messages, functions: [WEATHER.function], function_call: { name: 'get_weather' } }
    expect((await ask('chat/completions', old)).json().choices[0]).toMatchObject({
      finish_reason: 'function_call',
      message: { content: null, function_call: { name: 'get_weather', arguments: expect.stringContaining('Paris') } },
    })
    const streamed = (await ask('chat/completions', { ...old, stream: true })).events()
    expect(streamed.flatMap(({ choices }) => choices[0].delta.function_call?.arguments ?? []).join('')).toContain('Paris')
    const free = { ...ASK_WEATHER, tools: [{ type: 'custom', custom: { name: 'weather_note' } }] }
    expect((await ask('chat/completions', free)).json().choices[0].message.tool_calls).toEqual([
      { id: expect.stringMatching(/^call_/), type: 'custom', custom: { name: 'weather_note', input: 'What is the weather in Paris?' } },
    ])
  })

  it('are cut by the limit too', async () => {
    const [choice] = (await ask('chat/completions', { ...ASK_WEATHER, max_tokens: 5 })).json().choices
    expect(choice.finish_reason).toBe('length')
    expect(tokensOf('get_weather', choice.message.tool_calls[0].function.arguments)).toBe(5)
    expect((await ask('chat/completions', { ...ASK_WEATHER, max_tokens: 1 })).json().choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: '' },
    })
  })
})

describe('malformed chat requests are refused', () => {
  const called = {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_time', arguments: '{}' } }],
  }
  it.each([
    ['no object', 7, null, null],
    ['no model', { messages: CHAT.messages }, null, null],
    ['no messages', { model: 'gpt-4' }, 'messages', 'missing_required_parameter'],
    ['messages that are no list', { model: 'gpt-4', messages: 'Hello' }, 'messages', 'invalid_type'],
    ['an empty list', { model: 'gpt-4', messages: [] }, 'messages', 'empty_array'],
    ['a message that is none', { model: 'gpt-4', messages: ['Hello'] }, 'messages[0]', 'invalid_type'],
    ['no role', { model: 'gpt-4', messages: [{ content: 'Hello' }] }, 'messages[0].role', 'missing_required_parameter'],
    ['an unknown role', { model: 'gpt-4', messages: [{ role: 'wizard', content: 'Hello' }] }, 'messages[0].role', 'invalid_value'],
    ['no content', { model: 'gpt-4', messages: [{ role: 'user' }] }, 'messages[0].content', 'missing_required_parameter'],
    [
      'an answer to no call',
      { model: 'gpt-4', messages: [...CHAT.messages, { role: 'tool', tool_call_id: 'call_1', content: 'x' }] },
      'messages.[1].role',
      null,
    ],
    ['a call without its answer', { model: 'gpt-4', messages: [...CHAT.messages, called, user('Well?')] }, 'messages.[2].role', null],
    ['a limit of nothing', { ...CHAT, max_tokens: 0 }, 'max_tokens', 'integer_below_min_value'],
    ['a limit that is no number', { ...CHAT, max_tokens: '10' }, 'max_tokens', 'invalid_type'],
    ['too many answers', { ...CHAT, n: 129 }, 'n', 'integer_above_max_value'],
    ['two limits', { ...CHAT, max_tokens: 5, max_completion_tokens: 5 }, 'max_tokens', 'invalid_parameter_combination'],
    ['options for no stream', { ...CHAT, stream_options: { include_usage: true } }, 'stream_options', null],
    ['a choice among no tools', { ...CHAT, tool_choice: 'auto' }, 'tool_choice', null],
    ['a tool that is not there', { ...ASK_WEATHER, tool_choice: { type: 'function', function: { name: 'sing' } } }, 'tool_choice', null],
    ['JSON that the messages do not speak of', { ...CHAT, response_format: { type: 'json_object' } }, 'messages', null],
  ])('for %s', async (_what, request, param, code) => {
    const heard = await ask('chat/completions', request)
    expect(heard.status).toBe(400)
    expect(heard.json()).toEqual({ error: { message: expect.stringMatching(/./), type: 'invalid_request_error', param, code } })
  })
})
