import { describe, expect, it } from 'vitest'
import { anthropicDialect } from './anthropic.ts'
import { meterOf, streamed } from './testMeters.ts'

describe('a message', () => {
  const start = {
    type: 'message_start',
    message: {
      model: 'claude-sonnet-4-5',
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 7,
        cache_creation_input_tokens: null,
        output_tokens: 1,
        service_tier: 'standard',
      },
    },
  }
  const text = (words: string): object => ({ type: 'content_block_delta', delta: { type: 'text_delta', text: words } })

  it('as a whole', () => {
    const meter = meterOf(anthropicDialect, 'messages')
    meter.body({
      model: 'claude-opus-5',
      content: [
        { type: 'thinking', thinking: 'hm ' },
        { type: 'text', text: 'Hello' },
        { type: 'tool_use', name: 'look', input: { a: 1 } },
      ],
      usage: { input_tokens: 10, output_tokens: 5, speed: 'fast', inference_geo: 'us' },
    })
    expect(meter.metered()).toEqual({
      usage: { input: 10, output: 5 },
      isOutputPartial: false,
      webSearches: 0,
      model: 'claude-opus-5',
      serviceTier: 'fast+us',
    })
    expect(meter.outputText()).toBe('hm Hellolook{"a":1}')
  })

  it('streamed: the latest of each field holds, and what is left out stays', () => {
    const meter = meterOf(anthropicDialect, 'messages')
    streamed(
      meter,
      start,
      { type: 'ping' },
      { type: 'content_block_start', content_block: { type: 'text', text: '' } },
      text('Hel'),
      text('lo'),
      { type: 'message_delta', usage: { output_tokens: 3 } },
      {
        type: 'message_delta',
        usage: { input_tokens: 12, output_tokens: 5, cache_read_input_tokens: null, server_tool_use: { web_search_requests: 1 } },
      },
      { type: 'message_stop' },
    )
    expect(meter.metered()).toEqual({
      usage: { input: 12, cacheRead: 7, output: 5, webSearch: 1 },
      isOutputPartial: false,
      webSearches: 1,
      model: 'claude-sonnet-4-5',
      serviceTier: null,
    })
    expect(meter.outputText()).toBe('Hello')
  })

  it('that breaks off: what the start said of its output is no longer true', () => {
    const meter = meterOf(anthropicDialect, 'messages')
    streamed(meter, start, text('A long answer.'))
    expect(meter.metered()).toMatchObject({ usage: { input: 10, output: 1 }, isOutputPartial: true })
  })

  it('with thinking and a tool’s input', () => {
    const meter = meterOf(anthropicDialect, 'messages')
    streamed(
      meter,
      { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm ' } },
      { type: 'content_block_start', content_block: { type: 'tool_use', name: 'look', input: {} } },
      { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'content_block_delta', delta: { type: 'signature_delta', signature: 'AAAA' } },
    )
    expect(meter.outputText()).toBe('hm look{}')
  })

  it('that is an error says nothing', () => {
    const meter = meterOf(anthropicDialect, 'messages')
    meter.body({ type: 'error', error: { type: 'overloaded_error', message: 'no' } })
    expect(meter.metered()).toMatchObject({ usage: null, model: null, serviceTier: null })
  })
})
