import type { Nanodollars } from '../../shared/domain/units.ts'
import { UsagePart } from '../../shared/domain/llm.ts'
import type { Demand } from '../gateway/dialects/dialect.ts'
import { tokensAtMost } from '../tokens/characters.ts'
import type { ModelPrices, PartPrices } from './prices.ts'
import { isLongInput, pricesFor } from './receipt.ts'

/** Tiers that nobody gets who did not ask for them; any other may come from the account's own settings. */
const ASKED_FOR = ['fast', 'flex', 'batch']
const USUAL_ONLY: ReadonlySet<string> = new Set(['default', 'standard_only'])
const MILLION = 1_000_000n

/**
 * What a call may cost at most. Without a count of its text (`inputTokens`) the bytes bound it.
 * Not bounded: what a provider bills without announcing it, and what it reads in rounds of its own (searches, remote tools) beyond one
 * context.
 */
export function worstCaseOf(demand: Demand, model: ModelPrices, inputTokens: number | null): Nanodollars {
  const input = mostInput(demand, model, inputTokens)
  const output = mostOutputOf(demand, model)
  const lengths = isLongInput(model, input) ? [false, true] : [false]
  let dearest = 0n
  for (const tier of tiersFor(demand, model)) {
    for (const isLong of lengths) {
      const cost = costOf(demand, model, pricesFor(model, tier, isLong), input, output)
      if (cost > dearest) dearest = cost
    }
  }
  return dearest > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(dearest)
}

/** Tokens, of all answers together. */
export function mostOutputOf({ choices, mostOutputTokens }: Demand, model: ModelPrices): number {
  return choices * Math.min(mostOutputTokens ?? model.mostOutputTokens, model.contextTokens)
}

function mostInput(demand: Demand, model: ModelPrices, counted: number | null): number {
  const most = demand.prompts * model.contextTokens
  if (demand.isInputOpen) return most
  const text =
    counted === null ? demand.bodyBytes : demand.isTokeniserKnown ? counted : Math.max(counted, tokensAtMost(demand.inputText(), most))
  return Math.min(most, text + demand.otherInputTokens)
}

function tiersFor({ serviceTier }: Demand, { tiers }: ModelPrices): (string | null)[] {
  const asked = serviceTier?.split('+') ?? []
  const isUsualOnly = USUAL_ONLY.has(serviceTier ?? '')
  const possible = Object.keys(tiers).filter((tier) =>
    tier.split('+').every((word) => asked.includes(word) || !(ASKED_FOR.includes(word) || (isUsualOnly && word === 'priority'))),
  )
  return [null, ...possible]
}

function costOf(demand: Demand, model: ModelPrices, prices: PartPrices, input: number, output: number): bigint {
  const { cacheWrite, hasAudio, mostWebSearches } = demand
  // What the request asks for and the entry has no price of will be charged at the dearest price there is.
  const asked = (part: UsagePart): number => prices[part] ?? model.unlisted[part] ?? 0
  const inputPrices = [asked('input'), prices.cacheRead ?? 0]
  const outputPrices = [output > 0 ? asked('output') : 0, prices.reasoning ?? 0]
  if (cacheWrite !== null) inputPrices.push(cacheWrite === 'unasked' ? (prices.cacheWrite5m ?? 0) : asked('cacheWrite5m'))
  if (cacheWrite === '1h') inputPrices.push(asked('cacheWrite1h'))
  if (hasAudio) inputPrices.push(asked('audioInput'))
  if (hasAudio) outputPrices.push(asked('audioOutput'))
  const exact =
    BigInt(input) * BigInt(Math.max(...inputPrices)) +
    BigInt(output) * BigInt(Math.max(...outputPrices)) +
    (mostWebSearches > 0 ? BigInt(mostWebSearches) * BigInt(asked('webSearch')) : 0n)
  // Each line of a receipt is rounded by itself, upwards by half a nanodollar at most.
  const isWhole = Object.values(prices).every((price) => price % Number(MILLION) === 0)
  return (exact + MILLION - 1n) / MILLION + (isWhole ? 0n : BigInt(Math.ceil(UsagePart.options.length / 2)))
}
