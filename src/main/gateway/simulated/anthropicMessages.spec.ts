import { describe, expect, it } from 'vitest'
import { createTestSimulation, tokensOf } from './testSimulation.ts'

const { ask } = createTestSimulation({ seed: 7 })
const user = (content: unknown) => ({ role: 'user', content })
const ASK = {
  model: 'claude-sonnet-4-5',
  max_tokens: 1_000,
  system: 'You write short outreach messages.',
  messages: [user('Lead: Maria Lopez, company: Alder Works')],
}
const WEATHER = {
  name: 'get_weather',
  description: 'The weather at a place',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const TIME = { name: 'get_time', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }
const ASK_WEATHER = {
  model: 'claude-sonnet-4-5',
  max_tokens: 1_000,
  messages: [user('What is the weather in Paris?')],
  tools: [WEATHER, TIME],
}

describe('messages', () => {
  it('answer with content and its usage', async () => {
    const heard = await ask('messages', ASK)
    const answer = heard.json()
    expect(heard.header('request-id')).toMatch(/^req_/)
    expect(answer).toMatchObject({ type: 'message', role: 'assistant', model: ASK.model, stop_reason: 'end_turn', stop_sequence: null })
    expect(answer.id).toMatch(/^msg_01/)
    expect(answer.content).toEqual([{ type: 'text', text: expect.stringContaining('Hi Maria') }])
    expect(answer.usage).toEqual({
      input_tokens: tokensOf(ASK.system, ASK.messages[0]?.content as string) + 3,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: tokensOf(answer.content[0].text),
      service_tier: 'standard',
    })
  })

  it('stream with usage where the real ones have it', async () => {
    const plain = (await ask('messages', ASK)).json()
    const heard = await ask('messages', { ...ASK, stream: true })
    const events = heard.events()
    const kinds = events.map(({ type }) => type)
    expect(heard.text().match(/^event: .*$/gm)).toEqual(kinds.map((kind) => `event: ${kind}`))
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events[0].message).toMatchObject({
      content: [],
      stop_reason: null,
      usage: { input_tokens: plain.usage.input_tokens, output_tokens: 1 },
    })
    expect(events.flatMap(({ delta }) => delta?.text ?? []).join('')).toBe(plain.content[0].text)
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: plain.usage.output_tokens },
    })
  })

  it('honour the limit and stop sequences', async () => {
    const whole = (await ask('messages', ASK)).json().content[0].text as string
    expect((await ask('messages', { ...ASK, max_tokens: 4 })).json()).toMatchObject({
      stop_reason: 'max_tokens',
      content: [{ text: whole.slice(0, 16) }],
      usage: { output_tokens: 4 },
    })
    expect((await ask('messages', { ...ASK, stop_sequences: ['Best regards'] })).json()).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'Best regards',
      content: [{ text: whole.slice(0, whole.indexOf('Best regards')) }],
    })
    const events = (await ask('messages', { ...ASK, max_tokens: 4, stream: true })).events()
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 4 } })
  })

  it('count tokens as they charge them', async () => {
    expect((await ask('messages/count_tokens', { ...ASK_WEATHER, max_tokens: undefined })).json()).toEqual({
      input_tokens: (await ask('messages', ASK_WEATHER)).json().usage.input_tokens,
    })
  })

  it('follow a system prompt given in blocks', async () => {
    const blocks = [{ type: 'text', text: ASK.system, cache_control: { type: 'ephemeral' } }]
    expect((await ask('messages', { ...ASK, system: blocks })).json().content).toEqual((await ask('messages', ASK)).json().content)
  })
})

describe('tools in messages', () => {
  it('are called, also in fragments, and have their answers used', async () => {
    const answer = (await ask('messages', ASK_WEATHER)).json()
    expect(answer).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', name: 'get_weather', input: { city: 'Paris' } }],
    })
    const [call] = answer.content
    expect(call.id).toMatch(/^toolu_01/)
    expect(answer.usage.output_tokens).toBe(tokensOf('get_weather', '{"city":"Paris"}'))

    const events = (await ask('messages', { ...ASK_WEATHER, stream: true })).events()
    const deltas = events.flatMap(({ delta }) => (delta?.type === 'input_json_delta' ? [delta.partial_json] : []))
    expect(deltas[0]).toBe('')
    expect(deltas.join('')).toBe('{"city":"Paris"}')
    expect(events.find(({ type }) => type === 'content_block_start').content_block).toMatchObject({
      type: 'tool_use',
      name: 'get_weather',
      input: {},
    })
    expect(events.at(-2).delta.stop_reason).toBe('tool_use')

    const result = user([
      { type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: '17 degrees and overcast' }] },
      { type: 'text', text: 'Go on.' },
    ])
    const messages = [...ASK_WEATHER.messages, { role: 'assistant', content: answer.content }, result]
    const after = (await ask('messages', { ...ASK_WEATHER, messages })).json()
    expect(after.stop_reason).toBe('end_turn')
    expect(after.content[0].text).toContain('17 degrees and overcast')
  })

  const both = [user('Tell me the weather and the time in Paris')]
  const about = [user('Sing a song, please')]
  it.each([
    ['none, for the request is about something else', {}, about, 0],
    ['any', { tool_choice: { type: 'any' } }, about, 1],
    ['the one it is told', { tool_choice: { type: 'tool', name: 'get_time' } }, about, 1],
    ['none, for it may not', { tool_choice: { type: 'none' } }, ASK_WEATHER.messages, 0],
    ['two at once', {}, both, 2],
    ['one at a time', { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }, both, 1],
  ])('are chosen: %s', async (_what, more, messages, expected) => {
    const { content } = (await ask('messages', { ...ASK_WEATHER, messages, ...more })).json()
    expect(content.filter(({ type }: { type: string }) => type === 'tool_use')).toHaveLength(expected)
  })

  it('lose their input where the limit cuts it', async () => {
    const { stop_reason: reason, content } = (await ask('messages', { ...ASK_WEATHER, max_tokens: 5 })).json()
    expect([reason, content[0].input]).toEqual(['max_tokens', {}])
  })
})

describe('malformed messages are refused', () => {
  const used = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_time', input: {} }] }
  it.each([
    ['no object', null, /JSON/],
    ['no model', { ...ASK, model: undefined }, /^model: Field required/],
    ['no limit', { ...ASK, max_tokens: undefined }, /^max_tokens: Field required/],
    ['a limit of nothing', { ...ASK, max_tokens: 0 }, /^max_tokens:/],
    ['no messages', { ...ASK, messages: undefined }, /^messages: Field required/],
    ['an empty list', { ...ASK, messages: [] }, /at least one message/],
    ['an unknown role', { ...ASK, messages: [{ role: 'wizard', content: 'x' }] }, /Unexpected role "wizard"/],
    ['no content', { ...ASK, messages: [{ role: 'user' }] }, /^messages\.0\.content: Field required/],
    [
      'a call without its answer',
      { ...ASK, messages: [...ASK.messages, used, user('Well?')] },
      /without `tool_result` blocks immediately after: toolu_1/,
    ],
    [
      'an answer to no call',
      { ...ASK, messages: [user([{ type: 'tool_result', tool_use_id: 'toolu_9', content: 'x' }])] },
      /unexpected `tool_use_id`/,
    ],
    ['a choice among no tools', { ...ASK, tool_choice: { type: 'any' } }, /tool_choice/],
    ['a tool that is not there', { ...ASK_WEATHER, tool_choice: { type: 'tool', name: 'sing' } }, /'sing' not found/],
  ])('for %s', async (_what, request, message) => {
    const heard = await ask('messages', request)
    expect(heard.status).toBe(400)
    expect(heard.json()).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
      request_id: expect.stringMatching(/^req_/),
    })
  })
})
