import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anthropicDialect } from './anthropic.ts'
import { openAiDialect } from './openai.ts'
import { KEPT_CHARACTERS } from './outputText.ts'
import { meterOf, streamed } from './testMeters.ts'

const delta = (content: string, more: object = {}): object => ({
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
  ...more,
})
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }

describe('a chat', () => {
  it('as a whole', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    meter.body({
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      usage,
      choices: [{ message: { content: 'Hello', tool_calls: [{ function: { name: 'look', arguments: '{}' } }] }, finish_reason: 'stop' }],
    })
    expect(meter.metered()).toEqual({
      usage: { input: 10, output: 5 },
      isOutputPartial: false,
      webSearches: 0,
      model: 'gpt-4o-2024-08-06',
      serviceTier: 'default',
    })
    expect(meter.outputText()).toBe('Hellolook{}')
    expect(meter.outputCharacters).toBe(11)
  })

  it('streamed, its usage asked for by us alone', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    const alone = streamed(
      meter,
      delta('Hel', { usage: null }),
      delta('lo'),
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage },
      '[DONE]',
    )
    expect(alone).toEqual([false, false, false, true, false])
    expect(meter.metered()).toMatchObject({ usage: { input: 10, output: 5 }, isOutputPartial: false, model: 'gpt-4o-2024-08-06' })
    expect(meter.outputText()).toBe('Hello')
  })

  it('streamed, its usage asked for by the client', () => {
    const meter = meterOf(openAiDialect, 'chat/completions', { stream_options: { include_usage: true } })
    expect(streamed(meter, { choices: [], usage })).toEqual([false])
  })

  it('streamed by a server that says its usage in every chunk, or in the last with content: the latest holds', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    const first = { ...usage, completion_tokens: 1 }
    expect(
      streamed(
        meter,
        delta('a', { usage: first }),
        { choices: [{ delta: { content: 'b' } }], usage },
        { choices: [{ delta: {}, finish_reason: 'stop' }], usage: null },
      ),
    ).toEqual([false, false, false])
    expect(meter.metered()).toMatchObject({ usage: { input: 10, output: 5 }, isOutputPartial: false })
  })

  it('that says nothing of its usage', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    streamed(meter, delta('Hello'), 'no JSON', '', '[]', 'null', { choices: [{ delta: {}, finish_reason: 'stop' }] })
    expect(meter.metered()).toMatchObject({ usage: null, isOutputPartial: false })
    expect(meter.outputText()).toBe('Hello')
  })

  it('that breaks off', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    streamed(meter, delta('Hel', { usage: { ...usage, completion_tokens: 1 } }))
    expect(meter.metered()).toMatchObject({ usage: { output: 1 }, isOutputPartial: true })
  })

  it('that says zero', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    meter.body({ usage: { prompt_tokens: 0, completion_tokens: 0 } })
    expect(meter.metered().usage).toEqual({ input: 0, output: 0 })
  })

  it('that is an error with a price', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    meter.body({ error: { message: 'content filter', usage } })
    expect(meter.metered().usage).toEqual({ input: 10, output: 5 })
  })

  it('that searches is charged for each answer, if it is charged at all', () => {
    const searching = meterOf(openAiDialect, 'chat/completions', { web_search_options: {}, n: 2 })
    searching.body({ usage })
    expect(searching.metered()).toMatchObject({ usage: { input: 10, output: 5, webSearch: 2 }, webSearches: 2 })
    const refused = meterOf(openAiDialect, 'chat/completions', { web_search_options: {} })
    refused.body({ error: { message: 'no' } })
    expect(refused.metered()).toMatchObject({ usage: null, webSearches: 0 })
  })

  it('by a server that shows its reasoning, calls tools and speaks', () => {
    const meter = meterOf(openAiDialect, 'chat/completions')
    const deltas = [
      { reasoning_content: 'hm ' },
      { tool_calls: [{ index: 0, function: { name: 'look', arguments: '{"a' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '":1}' } }] },
      { refusal: 'no' },
      { audio: { transcript: 'yes', data: 'AAAA' } },
    ]
    streamed(meter, ...deltas.map((one) => ({ choices: [{ delta: one }] })))
    expect(meter.outputText()).toBe('hm look{"a":1}noyes')
  })
})

describe('a completion', () => {
  it('streamed', () => {
    const meter = meterOf(openAiDialect, 'completions', { prompt: 'x' })
    expect(
      streamed(meter, { choices: [{ text: 'Hel' }] }, { choices: [{ text: 'lo', finish_reason: 'length' }] }, { choices: [], usage }),
    ).toEqual([false, false, true])
    expect(meter.outputText()).toBe('Hello')
  })
})

describe('a response', () => {
  const said = { input_tokens: 10, output_tokens: 5, output_tokens_details: { reasoning_tokens: 2 } }
  const searched = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } }

  it('as a whole', () => {
    const meter = meterOf(openAiDialect, 'responses')
    meter.body({
      model: 'gpt-5',
      usage: said,
      service_tier: 'fast',
      output: [
        searched,
        { type: 'web_search_call', action: { type: 'open_page' } },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm ' }] },
        { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
        { type: 'function_call', name: 'look', arguments: '{}' },
      ],
    })
    expect(meter.metered()).toEqual({
      usage: { input: 10, output: 3, reasoning: 2, webSearch: 1 },
      isOutputPartial: false,
      webSearches: 1,
      model: 'gpt-5',
      serviceTier: 'priority',
    })
    expect(meter.outputText()).toBe('hm Hellolook{}')
  })

  it.each(['completed', 'incomplete', 'failed'])('streamed until it is %s', (end) => {
    const meter = meterOf(openAiDialect, 'responses')
    const alone = streamed(
      meter,
      { type: 'response.created', response: { model: 'gpt-5', usage: null, output: [] } },
      { type: 'response.output_text.delta', delta: 'Hel' },
      { type: 'response.output_text.delta', delta: 'lo' },
      { type: 'response.output_audio.delta', delta: 'AAAA' },
      { type: 'response.function_call_arguments.delta', delta: '{}' },
      { type: 'response.output_item.done', item: searched },
      { type: `response.${end}`, response: { usage: said, output: [searched] } },
    )
    expect(alone).not.toContain(true)
    expect(meter.metered()).toMatchObject({
      usage: { input: 10, output: 3, reasoning: 2, webSearch: 1 },
      isOutputPartial: false,
      webSearches: 1,
    })
    expect(meter.outputText()).toBe('Hello{}')
  })

  it('that breaks off after it has searched', () => {
    const meter = meterOf(openAiDialect, 'responses')
    streamed(meter, { type: 'response.output_item.done', item: searched }, { type: 'response.output_text.delta', delta: 'Hel' })
    expect(meter.metered()).toMatchObject({ usage: null, isOutputPartial: true, webSearches: 1 })
  })
})

it('embeddings', () => {
  const meter = meterOf(openAiDialect, 'embeddings')
  meter.body({ data: [{ embedding: [0.1] }], model: 'text-embedding-3-small', usage: { prompt_tokens: 8, total_tokens: 8 } })
  expect(meter.metered()).toMatchObject({ usage: { input: 8, output: 0 }, isOutputPartial: false })
})

it('keeps a bounded part of an endless answer, and measures the rest', () => {
  const meter = meterOf(openAiDialect, 'chat/completions')
  for (let chunk = 0; chunk < 30; chunk++) streamed(meter, delta('x'.repeat(50_000)))
  expect(meter.outputCharacters).toBe(1_500_000)
  expect(meter.outputText()).toHaveLength(KEPT_CHARACTERS)
})

it.each([
  [openAiDialect, 'chat/completions'],
  [openAiDialect, 'responses'],
  [openAiDialect, 'embeddings'],
  [anthropicDialect, 'messages'],
] as const)('never throws, however strange the answer (%#)', (dialect, endpoint) => {
  const key = fc.constantFrom(
    'choices',
    'usage',
    'delta',
    'message',
    'content',
    'type',
    'response',
    'output',
    'item',
    'error',
    'content_block',
  )
  const type = fc.constantFrom(
    'message_start',
    'message_delta',
    'content_block_delta',
    'response.completed',
    'response.output_item.done',
    'x.delta',
  )
  const strange = fc.dictionary(key, fc.oneof(fc.jsonValue(), type, fc.array(fc.dictionary(key, fc.jsonValue()))))
  fc.assert(
    fc.property(fc.array(strange), fc.string(), (answers, noise) => {
      const meter = meterOf(dialect, endpoint)
      for (const answer of answers) {
        meter.event(JSON.stringify(answer))
        meter.body(answer)
      }
      meter.event(noise)
      meter.metered()
      meter.outputText()
    }),
  )
})
