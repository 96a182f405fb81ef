import { describe, expect, it } from 'vitest'
import { UsagePart } from '../../shared/domain/llm.ts'
import { readPriceTable } from './priceTable.ts'
import { priced, shippedJson, shippedTable } from './testPrices.ts'

const entry = (prices: Record<string, string | number>, more: object = {}): object => ({
  contextTokens: 1000,
  mostOutputTokens: 100,
  prices,
  ...more,
})

const file = (models: Record<string, object>): object => ({
  about: 'For a test.',
  asOf: '2026-11-21',
  sources: [{ name: 'invented', asOf: '2026-11-21' }],
  models,
})

describe('the shipped prices', () => {
  const table = shippedTable()

  it.each([
    ['gpt-4', 'input', 30_000_000_000],
    ['gpt-4', 'output', 60_000_000_000],
    ['gpt-3.5-turbo', 'input', 2_000_000_000],
    ['gpt-3.5-turbo', 'output', 2_000_000_000],
    ['gpt-4o-mini', 'cacheRead', 75_000_000],
    ['text-embedding-3-small', 'input', 20_000_000],
    ['gpt-audio', 'audioInput', 32_000_000_000],
    ['claude-3-haiku', 'cacheWrite5m', 300_000_000],
    ['claude-sonnet-4-5', 'cacheWrite1h', 6_000_000_000],
    ['claude-opus-5-5', 'cacheRead', 200_000_000],
  ] as const)('%s: %s', (model, part, perMillion) => {
    expect(priced(table, model).prices[part]).toBe(perMillion)
  })

  it.each([
    ['gpt-4-0613', 'gpt-4-0613'],
    ['gpt-5-2025-08-07', 'gpt-5'],
    ['openai/gpt-4o', 'gpt-4o'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic/claude-3-5-sonnet-latest', 'claude-3-5-sonnet'],
    ['claude-opus-4-0', 'claude-opus-4'],
    ['gpt-5.6', 'gpt-5.6-sol'],
    // Dearer than the undated model: never priced as that.
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
  ])('finds %s as %s', (model, name) => {
    expect(table.find(model)?.name).toBe(name)
  })

  it.each([
    '',
    'gpt',
    'gpt-4o-mini-foo',
    'gpt-4o-',
    'gpt-4o-2024',
    'my/gpt-4o',
    'GPT-4o',
    'ft:gpt-4o-mini-2024-07-18:example::abc123',
    'claude-sonnet-4-7',
    '__proto__',
    'constructor',
  ])('knows no "%s"', (model) => {
    expect(table.find(model)).toBeNull()
  })

  it('has a ceiling with a price for every part and the largest limits, and the same for what an entry has no price of', () => {
    for (const part of UsagePart.options) expect(table.ceiling.prices[part], part).toBeGreaterThan(0)
    expect(table.ceiling.prices.output).toBe(priced(table, 'o1-pro').prices.output)
    expect(table.ceiling.contextTokens).toBeGreaterThanOrEqual(1_000_000)
    expect(priced(table, 'gpt-4').unlisted.audioInput).toBe(table.ceiling.prices.audioInput)
  })

  it('has long inputs and tiers of tiers: Haiku 5.5 in the United States', () => {
    const { longContext, tiers } = priced(table, 'claude-haiku-5-5')
    expect(longContext).toMatchObject({ above: 100_000, prices: { input: 500_000_000, output: 2_500_000_000 } })
    expect(tiers.us?.prices.input).toBe(110_000_000)
    expect(tiers.us?.longContextPrices?.input).toBe(550_000_000)
    expect(tiers.us?.prices.webSearch).toBe(10_000_000_000_000)
  })
})

describe('readPriceTable', () => {
  it('lets reasoning cost what output costs, unless it is said', () => {
    const table = readPriceTable(
      file({ quiet: entry({ input: '1', output: '3' }), said: entry({ input: '1', output: '3', reasoning: '0' }) }),
    )
    expect(priced(table, 'quiet').prices.reasoning).toBe(3_000_000_000)
    expect(priced(table, 'said').prices.reasoning).toBe(0)
  })

  it('prices a fine-tuned model only by an entry of its own', () => {
    const table = readPriceTable(file({ base: entry({ input: '1', output: '1' }), 'ft:base': entry({ input: '2', output: '2' }) }))
    expect(table.find('ft:base:example::abc123')?.name).toBe('ft:base')
    expect(table.find('ft:base-2026-01-01:example::abc123')?.name).toBe('ft:base')
    expect(table.find('ft:other:example::abc123')).toBeNull()
  })

  it('keeps a table without searches from having free ones', () => {
    const table = readPriceTable(file({ one: entry({ input: '1', output: '1' }) }))
    expect(priced(table, 'one').unlisted.webSearch).toBeGreaterThan(0)
    expect(priced(table, 'one').unlisted.audioOutput).toBe(1_000_000_000)
  })

  it('charges what is read from a cache at the input’s price where it has none of its own', () => {
    const table = readPriceTable(
      file({ one: entry({ input: '1', output: '1' }), dear: entry({ input: '9', cacheRead: '8', output: '9' }) }),
    )
    expect(priced(table, 'one').unlisted.cacheRead).toBe(1_000_000_000)
  })

  it.each([
    [
      'a price that is none',
      { m: entry({ input: '$3', output: '1' }) },
      'resources/pricing.json.models.m.prices.input: must be dollars for a million such as "2.50", with nine decimals at most.',
    ],
    [
      'a part that there is not',
      { m: entry({ input: '3', output: '1', thinking: '1' }) },
      'resources/pricing.json.models.m.prices: Unrecognized key: "thinking".',
    ],
    [
      'no input',
      { 'm-1': entry({ output: '1' }) },
      'resources/pricing.json.models["m-1"]: prices.input is missing; give dollars for a million tokens.',
    ],
    [
      'no output',
      { m: entry({ input: '1' }) },
      'resources/pricing.json.models["m"]: prices.output is missing; give dollars for a million tokens, or 0 as mostOutputTokens.',
    ],
    [
      'a dear typing error',
      { m: entry({ input: '10001', output: '1' }) },
      'resources/pricing.json.models.m.prices.input: must be 10000 dollars for a million tokens or less.',
    ],
    [
      'a long input without a part',
      { m: entry({ input: '1', cacheRead: '1', output: '1' }, { longContext: { above: 10, prices: { input: '2', output: '2' } } }) },
      'resources/pricing.json.models["m"]: longContext.prices names no price for cacheRead, and prices does.',
    ],
    [
      'a tier without a part',
      { m: entry({ input: '1', output: '1' }, { tiers: { flex: { prices: { input: '2' } } } }) },
      'resources/pricing.json.models["m"]: tiers.flex.prices names no price for output, and prices does.',
    ],
    [
      'a tier of another kind',
      { m: entry({ input: '1', output: '1' }, { tiers: { flex: { times: 'half' } } }) },
      'resources/pricing.json.models.m.tiers.flex.times: must be a factor such as "1.1".',
    ],
    [
      'an alias that is taken',
      { m: entry({ input: '1', output: '1' }), n: entry({ input: '1', output: '1' }, { aliases: ['m'] }) },
      'resources/pricing.json.models["n"]: the alias "m" is taken by m.',
    ],
  ])('refuses %s', (_what, models, sentence) => {
    expect(() => readPriceTable(file(models as Record<string, object>))).toThrow(sentence)
  })
})

describe('the settings’ prices', () => {
  const read = (overrides: unknown) => readPriceTable(shippedJson(), overrides)

  it('add models, as text or as the numbers that YAML makes', () => {
    const own = priced(
      read({ 'llama-4': { contextTokens: 8000, mostOutputTokens: 1000, prices: { input: 0.0125, output: '0.5' } } }),
      'llama-4',
    )
    expect(own.prices).toEqual({ input: 12_500_000, output: 500_000_000, reasoning: 500_000_000 })
  })

  it('stand instead of a whole entry: a part that is left out is not taken over', () => {
    const own = priced(read({ 'gpt-4o': { contextTokens: 128000, mostOutputTokens: 1000, prices: { input: '1', output: '2' } } }), 'gpt-4o')
    expect(own.prices.cacheRead).toBeUndefined()
    expect(own.tiers).toEqual({})
  })

  it('take over what they say they do', () => {
    const own = priced(read({ 'claude-sonnet-4-6': { basedOn: 'claude-sonnet-4-6', prices: { input: '2' } } }), 'claude-sonnet-4-6')
    expect(own.prices.input).toBe(2_000_000_000)
    expect(own.prices.output).toBe(15_000_000_000)
    // The tier is a factor on what now holds.
    expect(own.tiers.us?.prices.input).toBe(2_200_000_000)
  })

  it('take over other names only of the very entry', () => {
    const other = read({ 'sol-at-home': { basedOn: 'gpt-5.6-sol' } })
    expect(other.find('gpt-5.6')?.name).toBe('gpt-5.6-sol')
    const same = read({ 'gpt-5.6-sol': { basedOn: 'gpt-5.6-sol', prices: { input: '3' } } })
    expect(same.find('gpt-5.6')?.prices.input).toBe(3_000_000_000)
  })

  it('may name a fine-tuned model or an alias', () => {
    const table = read({
      'ft:gpt-4o-mini': { basedOn: 'gpt-4o-mini', prices: { input: '0.30', output: '1.20' }, tiers: {} },
      'gpt-5.6': { basedOn: 'gpt-5.6-luna' },
    })
    expect(table.find('ft:gpt-4o-mini-2024-07-18:example::abc123')?.prices.input).toBe(300_000_000)
    expect(table.find('gpt-5.6')?.prices.input).toBe(200_000_000)
    expect(table.find('gpt-5.6-sol')?.prices.input).toBe(4_000_000_000)
  })

  it.each([
    [{ m: { prices: { input: '1', output: '1' } } }, /^settings: prices\.m(?:\.contextTokens)?: /],
    [{ m: { basedOn: 'gpt-9' } }, 'settings: prices["m"]: basedOn is "gpt-9", but must be an entry of resources/pricing.json.'],
    [
      { m: { basedOn: 'gpt-4', prices: { input: 'free' } } },
      'settings: prices.m.prices.input: must be dollars for a million such as "2.50", with nine decimals at most.',
    ],
    [[], /^settings: prices: /],
    ['cheap', /^settings: prices: /],
  ])('are refused by name: %j', (overrides, sentence) => {
    expect(() => read(overrides)).toThrow(sentence)
  })

  it('may be left out', () => {
    expect(read(undefined).find('gpt-4')?.prices.input).toBe(30_000_000_000)
    expect(read(null).find('gpt-4')?.prices.input).toBe(30_000_000_000)
  })
})
