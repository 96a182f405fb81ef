import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../../shared/domain/llm.ts'
import { inputTokens, outputTokens } from '../../../shared/domain/tokenSums.ts'
import { usageOfAnthropic } from './anthropicUsage.ts'
import { usageOfOpenAi } from './openaiUsage.ts'

describe('usageOfOpenAi', () => {
  it.each<[string, unknown, Usage | null]>([
    ['of a chat', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, { input: 10, output: 5 }],
    [
      'of a response',
      { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 }, output_tokens_details: { reasoning_tokens: 2 } },
      { input: 6, cacheRead: 4, output: 3, reasoning: 2 },
    ],
    ['of embeddings', { prompt_tokens: 8, total_tokens: 8 }, { input: 8, output: 0 }],
    [
      'with zeros that were said',
      { prompt_tokens: 0, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } },
      { input: 0, cacheRead: 0, output: 0 },
    ],
    [
      'with caches for half an hour and for twelve',
      {
        input_tokens: 10,
        output_tokens: 0,
        input_tokens_details: {
          cached_tokens: 1,
          cache_write_tokens: 8,
          cache_write_tokens_details: { ttl_30m_tokens: 5, ttl_12h_tokens: 3 },
        },
      },
      { input: 1, cacheRead: 1, cacheWrite5m: 5, cacheWrite1h: 3, output: 0 },
    ],
    [
      'with audio that was cached: counted once',
      { prompt_tokens: 10, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 8, audio_tokens: 5 } },
      { input: 0, cacheRead: 8, audioInput: 2, output: 0 },
    ],
    [
      'with reasoning that its server left out of the completion',
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } },
      { input: 10, output: 5, reasoning: 20 },
    ],
    [
      'with more cached than there was: as if it said nothing of it',
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 11 } },
      { input: 10, output: 5 },
    ],
    [
      'with more audio than there was',
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { audio_tokens: 11 } },
      { input: 10, output: 5 },
    ],
    [
      'with details that are nonsense',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: -1, audio_tokens: 'many' },
        completion_tokens_details: [],
      },
      { input: 10, output: 5 },
    ],
    ['of which the prompt is missing', { completion_tokens: 5 }, null],
    ['of which the completion is missing', { prompt_tokens: 5 }, null],
    ['that is negative', { prompt_tokens: -1, completion_tokens: 5 }, null],
    ['that is text', { prompt_tokens: '10', completion_tokens: 5 }, null],
    ['that is broken', { prompt_tokens: 1.5, completion_tokens: 5 }, null],
    ['beyond all sense', { prompt_tokens: 1e15, completion_tokens: 5 }, null],
    ['that is null', null, null],
    ['that is a list', [1, 2], null],
  ])('%s', (_what, reported, usage) => {
    expect(usageOfOpenAi(reported)).toEqual(usage)
  })

  it('has parts that sum to the provider’s totals, whatever it says of them', () => {
    const count = fc.oneof(fc.nat(1000), fc.constantFrom(undefined, null, -1, 1.5, '7', {}))
    const details = fc.oneof(
      fc.record({
        cached_tokens: count,
        audio_tokens: count,
        cache_write_tokens: count,
        cache_write_tokens_details: fc.record({ ttl_12h_tokens: count }),
      }),
      fc.constantFrom(undefined, null, 3),
    )
    const outDetails = fc.oneof(
      fc.record({ reasoning_tokens: count, audio_tokens: count, rejected_prediction_tokens: count }),
      fc.constantFrom(undefined, 'x'),
    )
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), details, outDetails, (prompt, completion, inDetails, out) => {
        const usage = usageOfOpenAi({
          prompt_tokens: prompt,
          completion_tokens: completion,
          prompt_tokens_details: inDetails,
          completion_tokens_details: out,
        })
        expect(inputTokens(usage ?? {})).toBe(prompt)
        expect(outputTokens(usage ?? {})).toBe(completion)
        expect(Object.values(usage ?? {}).every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (anything) => void usageOfOpenAi(anything)))
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (anything) => void usageOfOpenAi({ prompt_tokens: anything, completion_tokens: 1, prompt_tokens_details: anything }),
      ),
    )
  })
})

describe('usageOfAnthropic', () => {
  it.each<[string, unknown, Usage | null]>([
    ['of a message', { input_tokens: 10, output_tokens: 5 }, { input: 10, output: 5 }],
    [
      'with caches, beside the input',
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 30,
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      },
      { input: 10, cacheRead: 100, cacheWrite5m: 10, cacheWrite1h: 20, output: 5 },
    ],
    [
      'with writes that are not split',
      { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 30 },
      { input: 10, cacheWrite5m: 30, output: 5 },
    ],
    [
      'with a split that does not add up',
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 30,
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 10 },
      },
      { input: 10, cacheWrite5m: 30, output: 5 },
    ],
    [
      'with zeros and nulls',
      { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: null },
      { input: 0, cacheRead: 0, output: 0 },
    ],
    [
      'with thinking',
      { input_tokens: 1, output_tokens: 50, output_tokens_details: { thinking_tokens: 40 } },
      { input: 1, output: 10, reasoning: 40 },
    ],
    [
      'with more thinking than output: as if it said nothing of it',
      { input_tokens: 1, output_tokens: 50, output_tokens_details: { thinking_tokens: 60 } },
      { input: 1, output: 50 },
    ],
    [
      'with searches',
      { input_tokens: 1, output_tokens: 2, server_tool_use: { web_search_requests: 3, web_fetch_requests: 2 } },
      { input: 1, output: 2, webSearch: 3 },
    ],
    [
      'with a summary that stands beside the totals',
      {
        input_tokens: 1,
        output_tokens: 2,
        iterations: [
          { type: 'message', input_tokens: 1, output_tokens: 2 },
          { type: 'compaction', input_tokens: 10, output_tokens: 20, cache_read_input_tokens: 5 },
        ],
      },
      { input: 11, cacheRead: 5, output: 22 },
    ],
    ['without its output', { input_tokens: 1 }, null],
    ['that is negative', { input_tokens: -1, output_tokens: 1 }, null],
    ['that is nothing', undefined, null],
  ])('%s', (_what, reported, usage) => {
    expect(usageOfAnthropic(reported, '5m')).toEqual(usage)
  })

  it('has parts that sum to the provider’s totals', () => {
    const count = fc.oneof(fc.nat(1000), fc.constantFrom(undefined, null, -1, '7'))
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.nat(1000),
        fc.nat(1000),
        count,
        count,
        count,
        (input, output, read, written, short, long, thinking) => {
          const usage = usageOfAnthropic(
            {
              input_tokens: input,
              output_tokens: output,
              cache_read_input_tokens: read,
              cache_creation_input_tokens: written,
              cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
              output_tokens_details: { thinking_tokens: thinking },
            },
            '1h',
          )
          expect(inputTokens(usage ?? {})).toBe(input + read + written)
          expect(outputTokens(usage ?? {})).toBe(output)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (anything) => void usageOfAnthropic(anything, '5m')))
  })
})
