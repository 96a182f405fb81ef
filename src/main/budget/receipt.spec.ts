import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../shared/domain/llm.ts'
import { anthropicDialect } from '../gateway/dialects/anthropic.ts'
import { openAiDialect } from '../gateway/dialects/openai.ts'
import { amountOf, makeReceipt } from './receipt.ts'
import { priced, shippedTable } from './testPrices.ts'

const table = shippedTable()

const receiptOf = (model: string, usage: Usage, serviceTier: string | null = null) =>
  makeReceipt({ prices: priced(table, model), usage, basis: 'reported', serviceTier, isPriceEstimated: false })

/** As the gateway does it: the provider's own words to parts, parts to a receipt. */
function billed(provider: 'openai' | 'anthropic', model: string, usage: unknown, more: object = {}) {
  const dialect = provider === 'openai' ? openAiDialect : anthropicDialect
  const endpoint = provider === 'openai' ? 'chat/completions' : 'messages'
  const demand = dialect.readDemand(endpoint, { model, max_tokens: 100, messages: [], ...more }, 1000)
  if (!demand || 'invalid' in demand) throw new Error('The test’s request is none.')
  const meter = dialect.createMeter(endpoint, demand)
  meter.body({ model, usage, ...more })
  const { usage: parts, serviceTier } = meter.metered()
  if (!parts) return null
  return makeReceipt({ prices: priced(table, model), usage: parts, basis: 'reported', serviceTier, isPriceEstimated: false })
}

describe('every price case', () => {
  it.each([
    ['1,000 GPT-4 prompt tokens cost exactly $0.03', 'gpt-4', { prompt_tokens: 1000, completion_tokens: 0 }, 30_000_000],
    ['1,000 GPT-3.5 tokens cost exactly $0.002', 'gpt-3.5-turbo', { prompt_tokens: 600, completion_tokens: 400 }, 2_000_000],
    [
      'OpenAI: cached tokens are inside the prompt’s',
      'gpt-4o',
      { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 600 } },
      // 400 × $2.50 + 600 × $1.25 + 100 × $10
      1_000_000 + 750_000 + 1_000_000,
    ],
    [
      'OpenAI: what was written into a cache is inside as well, and dearer',
      'gpt-6-sol',
      { prompt_tokens: 1000, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 800 } },
      // 100 × $2 + 100 × $0.20 + 800 × $2.50
      200_000 + 20_000 + 2_000_000,
    ],
    [
      'OpenAI: reasoning is inside the completion’s, at its price',
      'o3',
      { prompt_tokens: 100, completion_tokens: 500, completion_tokens_details: { reasoning_tokens: 400 } },
      200_000 + 500 * 8_000,
    ],
    [
      'OpenAI: audio is inside both, at its own price',
      'gpt-audio',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        prompt_tokens_details: { audio_tokens: 80 },
        completion_tokens_details: { audio_tokens: 30 },
      },
      20 * 2_500 + 80 * 32_000 + 20 * 10_000 + 30 * 64_000,
    ],
    [
      'OpenAI: a prediction that did not come true is inside',
      'gpt-4o',
      { prompt_tokens: 0, completion_tokens: 30, completion_tokens_details: { rejected_prediction_tokens: 20 } },
      300_000,
    ],
    ['OpenAI: at the threshold the usual price', 'gpt-5.4', { prompt_tokens: 272_000, completion_tokens: 1 }, 272_000 * 2_500 + 15_000],
    ['OpenAI: above it the whole call', 'gpt-5.4', { prompt_tokens: 272_001, completion_tokens: 1 }, 272_001 * 5_000 + 22_500],
    ['an explicit zero is zero', 'gpt-4', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, 0],
  ])('%s', (_what, model, usage, total) => {
    expect(billed('openai', model, usage)?.total).toBe(total)
  })

  it.each([
    [
      'Anthropic: cached tokens stand beside the input’s',
      'claude-sonnet-4-6',
      { input_tokens: 1000, cache_read_input_tokens: 600, output_tokens: 100 },
      // 1,000 × $3 + 600 × $0.30 + 100 × $15
      3_000_000 + 180_000 + 1_500_000,
    ],
    [
      'Anthropic: writes for five minutes and for an hour',
      'claude-sonnet-4-6',
      {
        input_tokens: 0,
        output_tokens: 0,
        cache_creation_input_tokens: 300,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
      },
      100 * 3_750 + 200 * 6_000,
    ],
    [
      'Anthropic: writes that nobody tells the life of',
      'claude-sonnet-4-6',
      { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 100 },
      375_000,
    ],
    [
      'Anthropic: thinking is inside the output’s',
      'claude-sonnet-4-6',
      { input_tokens: 0, output_tokens: 100, output_tokens_details: { thinking_tokens: 90 } },
      1_500_000,
    ],
    [
      'Anthropic: a search is a cent',
      'claude-sonnet-4-6',
      { input_tokens: 0, output_tokens: 0, server_tool_use: { web_search_requests: 3 } },
      30_000_000,
    ],
    [
      'Anthropic: what was cached counts towards a long input',
      'claude-sonnet-4-5',
      { input_tokens: 1, cache_read_input_tokens: 200_000, output_tokens: 0 },
      6_000 + 200_000 * 600,
    ],
    ['Anthropic: in the United States', 'claude-opus-5', { input_tokens: 1000, output_tokens: 0, inference_geo: 'us' }, 5_500_000],
    [
      'Anthropic: fast, and there',
      'claude-opus-5',
      { input_tokens: 1000, output_tokens: 0, inference_geo: 'us', speed: 'fast' },
      11_000_000,
    ],
    ['an explicit zero is zero', 'claude-opus-5', { input_tokens: 0, output_tokens: 0 }, 0],
  ])('%s', (_what, model, usage, total) => {
    expect(billed('anthropic', model, usage)?.total).toBe(total)
  })

  it('a request for an hour’s cache has writes of unknown life charged as that', () => {
    const usage = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 100 }
    const receipt = billed('anthropic', 'claude-sonnet-4-6', usage, {
      system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    })
    expect(receipt?.total).toBe(600_000)
  })

  it.each([
    ['priority', 4_250, false],
    ['default', 2_500, false],
    ['auto', 2_500, false],
    // Nobody's price list has it: the usual price, and the receipt says that it is not known.
    ['scale', 2_500, true],
    ['constructor', 2_500, true],
  ])('a service tier: %s', (tier, perToken, isPriceEstimated) => {
    expect(receiptOf('gpt-4o', { input: 10 }, tier)).toMatchObject({ total: 10 * perToken, isPriceEstimated })
  })

  it('a service tier that takes no long inputs has them at the usual price', () => {
    expect(receiptOf('gpt-5.4', { input: 300_000 }, 'priority').total).toBe(300_000 * 5_000)
    expect(receiptOf('gpt-6-sol', { input: 300_000 }, 'priority').total).toBe(300_000 * 8_000)
  })

  it('an unknown model at the ceiling, and so marked', () => {
    const receipt = makeReceipt({
      prices: table.ceiling,
      usage: { input: 1000, output: 10 },
      basis: 'counted',
      serviceTier: null,
      isPriceEstimated: true,
    })
    expect(receipt).toMatchObject({ pricedAs: 'ceiling', total: 1000 * 150_000 + 10 * 600_000, basis: 'counted', isPriceEstimated: true })
  })

  it('what was used and has no price is charged at the dearest there is, and so marked', () => {
    const receipt = receiptOf('gpt-4', { input: 10, audioInput: 10 })
    expect(receipt.isPriceEstimated).toBe(true)
    expect(receipt.lines).toContainEqual({ part: 'audioInput', count: 10, perMillion: 40_000_000_000, amount: 400_000 })
  })

  it('says parts × price = total', () => {
    expect(receiptOf('gpt-4o-mini', { input: 7, cacheRead: 3, output: 0 })).toEqual({
      pricedAs: 'gpt-4o-mini',
      lines: [
        { part: 'input', count: 7, perMillion: 150_000_000, amount: 1050 },
        { part: 'cacheRead', count: 3, perMillion: 75_000_000, amount: 225 },
      ],
      total: 1275,
      basis: 'reported',
      isPriceEstimated: false,
    })
  })
})

describe('amountOf', () => {
  it.each([
    [1, 499_999, 0],
    [1, 500_000, 1],
    [3, 500_000, 2],
    [1, 1_499_999, 1],
    [0, 30_000_000_000, 0],
    // The product is beyond 2^53.
    [99_999_999, 9_999_999_999_999, 999_999_989_999_900],
  ])('%i × %i', (count, perMillion, amount) => {
    expect(amountOf(count, perMillion)).toBe(amount)
  })

  it('is what exact arithmetic says, rounded half up', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), fc.nat(2 ** 31 - 1), fc.nat(4_000), (count, low, high) => {
        const perMillion = low + high * 2 ** 31
        expect(BigInt(amountOf(count, perMillion))).toBe((BigInt(count) * BigInt(perMillion) * 2n + 1_000_000n) / 2_000_000n)
      }),
    )
  })
})
