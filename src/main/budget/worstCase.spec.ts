import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../shared/domain/llm.ts'
import type { Demand } from '../gateway/dialects/dialect.ts'
import type { ModelPrices } from './prices.ts'
import { makeReceipt } from './receipt.ts'
import { priced, shippedJson, shippedTable } from './testPrices.ts'
import { worstCaseOf } from './worstCase.ts'

const table = shippedTable()
const names = Object.keys((shippedJson() as { models: object }).models)

const demandOf = (changes: Partial<Demand> = {}): Demand => ({
  model: 'gpt-4',
  isStreamed: false,
  asksForUsage: false,
  mostOutputTokens: 100,
  choices: 1,
  prompts: 1,
  inputText: () => ['x'.repeat(900)],
  otherInputTokens: 0,
  bodyBytes: 1000,
  isTokeniserKnown: true,
  isInputOpen: false,
  cacheWrite: null,
  hasAudio: false,
  mostWebSearches: 0,
  serviceTier: null,
  ...changes,
})

describe('worstCaseOf', () => {
  const gpt4 = priced(table, 'gpt-4')
  const [input, output] = [30_000, 60_000]

  it.each([
    ['bytes, where nothing is counted', demandOf(), null, 1000 * input + 100 * output],
    ['the count, where its tokeniser is known', demandOf(), 250, 250 * input + 100 * output],
    ['half the characters, where it is not', demandOf({ isTokeniserKnown: false }), 225, 450 * input + 100 * output],
    ['its bytes, for what is no ASCII', demandOf({ isTokeniserKnown: false, inputText: () => ['漢字'] }), 1, 6 * input + 100 * output],
    ['tokens that stand in no text', demandOf({ otherInputTokens: 50 }), 250, 300 * input + 100 * output],
    ['the context, where input lies elsewhere', demandOf({ isInputOpen: true }), null, 8192 * input + 100 * output],
    ['the context, where more was sent than fits', demandOf({ bodyBytes: 1_000_000 }), null, 8192 * input + 100 * output],
    ['a context for each prompt', demandOf({ bodyBytes: 1_000_000, prompts: 3 }), null, 3 * 8192 * input + 100 * output],
    ['every choice', demandOf({ choices: 5 }), null, 1000 * input + 500 * output],
    ['the model’s limit, where the client has none', demandOf({ mostOutputTokens: null }), null, 1000 * input + 8192 * output],
    ['no more than the context', demandOf({ mostOutputTokens: 1_000_000 }), null, 1000 * input + 8192 * output],
    ['no output of what has none', demandOf({ mostOutputTokens: 0, choices: 0 }), null, 1000 * input],
  ])('takes %s', (_what, demand, counted, total) => {
    expect(worstCaseOf(demand, gpt4, counted)).toBe(total)
  })

  it('takes the dearest price at which a token may be billed', () => {
    const sonnet = priced(table, 'claude-sonnet-4-5')
    const output100 = 100 * 15_000
    expect(worstCaseOf(demandOf({ cacheWrite: null }), sonnet, null)).toBe(1000 * 3_000 + output100)
    expect(worstCaseOf(demandOf({ cacheWrite: '5m' }), sonnet, null)).toBe(1000 * 3_750 + output100)
    expect(worstCaseOf(demandOf({ cacheWrite: '1h' }), sonnet, null)).toBe(1000 * 6_000 + output100)
    expect(worstCaseOf(demandOf({ isInputOpen: true }), sonnet, null)).toBe(1_000_000 * 6_000 + 100 * 22_500)
  })

  it('takes a cache that nobody asked for only where the model charges for it', () => {
    expect(worstCaseOf(demandOf({ cacheWrite: 'unasked', serviceTier: 'default' }), priced(table, 'gpt-6-sol'), null)).toBe(
      1000 * 2_500 + 100 * 10_000,
    )
    expect(worstCaseOf(demandOf({ cacheWrite: 'unasked' }), gpt4, null)).toBe(1000 * input + 100 * output)
  })

  it('takes a tier that an account may have by itself, and a faster or slower one only when it is asked for', () => {
    const gpt = priced(table, 'gpt-4o')
    const times = (tokenInput: number, tokenOutput: number) => 1000 * tokenInput + 100 * tokenOutput
    expect(worstCaseOf(demandOf(), gpt, null)).toBe(times(4_250, 17_000))
    expect(worstCaseOf(demandOf({ serviceTier: 'auto' }), gpt, null)).toBe(times(4_250, 17_000))
    expect(worstCaseOf(demandOf({ serviceTier: 'default' }), gpt, null)).toBe(times(2_500, 10_000))
    const opus = priced(table, 'claude-opus-5')
    expect(worstCaseOf(demandOf(), opus, null)).toBe(times(5_500, 27_500))
    expect(worstCaseOf(demandOf({ serviceTier: 'fast' }), opus, null)).toBe(times(11_000, 55_000))
    // What is cheaper is not counted upon.
    expect(worstCaseOf(demandOf({ serviceTier: 'flex' }), priced(table, 'o3'), null)).toBeGreaterThanOrEqual(times(2_000, 8_000))
  })

  it('takes searches, and sound where there may be some', () => {
    const searching = worstCaseOf(demandOf({ mostWebSearches: 3 }), priced(table, 'claude-sonnet-4-5'), null)
    expect(searching).toBe(1000 * 3_000 + 100 * 15_000 + 30_000_000)
    expect(worstCaseOf(demandOf({ hasAudio: true }), priced(table, 'gpt-audio'), null)).toBe(1000 * 32_000 + 100 * 64_000)
    expect(worstCaseOf(demandOf({ hasAudio: false }), priced(table, 'gpt-audio'), null)).toBe(1000 * 2_500 + 100 * 10_000)
  })

  it('takes the dearest there is for what is asked for and has no price', () => {
    expect(worstCaseOf(demandOf({ mostWebSearches: 1 }), gpt4, null)).toBe(1000 * input + 100 * output + 25_000_000)
    expect(worstCaseOf(demandOf({ hasAudio: true, mostOutputTokens: 0 }), gpt4, null)).toBe(1000 * 40_000)
  })

  it('leaves room for each line of a receipt that is rounded up', () => {
    const half = { input: 500_000, cacheRead: 500_000, output: 500_000, reasoning: 500_000 }
    const tiny: ModelPrices = { ...gpt4, prices: half }
    const receipt = makeReceipt({
      prices: tiny,
      usage: { input: 1, cacheRead: 1, output: 1, reasoning: 1 },
      basis: 'reported',
      serviceTier: null,
      isPriceEstimated: false,
    })
    expect(receipt.total).toBe(4)
    expect(worstCaseOf(demandOf({ bodyBytes: 2, mostOutputTokens: 2 }), tiny, null)).toBeGreaterThanOrEqual(4)
  })

  it('stays a whole number when it is absurd', () => {
    const absurd = worstCaseOf(
      demandOf({ choices: 10_000, mostOutputTokens: null, isInputOpen: true, prompts: 10_000 }),
      priced(table, 'o1-pro'),
      null,
    )
    expect(Number.isSafeInteger(absurd)).toBe(true)
  })

  it('is never less than a bill within its bounds', () => {
    const anyDemand = fc.record({
      mostOutputTokens: fc.option(fc.nat(200_000)),
      choices: fc.integer({ min: 1, max: 4 }),
      prompts: fc.integer({ min: 1, max: 3 }),
      bodyBytes: fc.nat(600_000),
      otherInputTokens: fc.nat(5_000),
      isInputOpen: fc.boolean(),
      cacheWrite: fc.constantFrom(null, 'unasked' as const, '5m' as const, '1h' as const),
      hasAudio: fc.boolean(),
      mostWebSearches: fc.nat(5),
      serviceTier: fc.constantFrom(null, 'auto', 'default', 'priority', 'flex', 'fast', 'fast+us', 'standard_only'),
    })
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(fc.constantFrom(...names, 'ceiling'), anyDemand, shares, fc.nat(), (name, changes, split, tierChoice) => {
        const model = name === 'ceiling' ? table.ceiling : priced(table, name)
        const demand = demandOf(changes)
        const usage = billWithin(demand, model, split)
        const serviceTier = answeredTier(demand, model, tierChoice)
        const receipt = makeReceipt({ prices: model, usage, basis: 'reported', serviceTier, isPriceEstimated: false })
        expect(receipt.total).toBeLessThanOrEqual(worstCaseOf(demand, model, null))
      }),
      { numRuns: 2000 },
    )
  })
})

/** A bill that uses up to everything that the demand leaves room for, in parts as it may have them. */
function billWithin(demand: Demand, model: ModelPrices, split: readonly number[]): Usage {
  const context = demand.prompts * model.contextTokens
  let input = demand.isInputOpen ? context : Math.min(context, demand.bodyBytes + demand.otherInputTokens)
  let output = demand.choices * Math.min(demand.mostOutputTokens ?? model.mostOutputTokens, model.contextTokens)
  let next = 0
  const share = (left: number): number => Math.floor(left * (split[next++] ?? 0))
  const usage: Usage = {}
  const takeInput = (part: keyof Usage, isPossible: boolean): void => {
    const count = isPossible ? share(input) : 0
    usage[part] = count
    input -= count
  }
  const own = (part: keyof Usage): boolean => model.prices[part] !== undefined
  takeInput('cacheRead', true)
  takeInput('cacheWrite5m', demand.cacheWrite === 'unasked' ? own('cacheWrite5m') : demand.cacheWrite !== null)
  takeInput('cacheWrite1h', demand.cacheWrite === '1h')
  takeInput('audioInput', demand.hasAudio)
  usage.input = input
  usage.reasoning = share(output)
  output -= usage.reasoning
  usage.audioOutput = demand.hasAudio ? share(output) : 0
  usage.output = output - usage.audioOutput
  usage.webSearch = demand.mostWebSearches
  return usage
}

/** What a provider may answer: the tier that was asked for, the usual one, or one of the account's own. */
function answeredTier({ serviceTier }: Demand, { tiers }: ModelPrices, choice: number): string | null {
  const own = Object.keys(tiers).filter(
    (tier) => !/fast|flex/.test(tier) && !(tier === 'priority' && /^(?:default|standard_only)$/.test(serviceTier ?? '')),
  )
  const possible = [null, 'default', serviceTier, ...own]
  return possible[choice % possible.length] ?? null
}
