import type { Nanodollars } from '../../shared/domain/units.ts'
import { UsagePart, type Receipt, type ReceiptLine } from '../../shared/domain/llm.ts'
import { inputTokens } from '../../shared/domain/tokenSums.ts'
import type { Charge, ModelPrices, PartPrices } from './prices.ts'

const MILLION = 1_000_000
/** Names for what everybody gets who asks for nothing; `scale` was paid for in advance and is not among them. */
const USUAL_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'standard_only'])

export const isUsualTier = (tier: string | null): boolean => tier === null || USUAL_TIERS.has(tier)

export const isLongInput = ({ longContext }: ModelPrices, tokens: number): boolean => longContext !== null && tokens > longContext.above

/** What holds for a tier and a length; a part that they do not name costs what it usually does. */
export function pricesFor(model: ModelPrices, tier: string | null, isLong: boolean): PartPrices {
  const usual = isLong ? { ...model.prices, ...model.longContext?.prices } : model.prices
  if (tier === null || !Object.hasOwn(model.tiers, tier)) return usual
  const special = model.tiers[tier]
  return { ...usual, ...(isLong ? special?.longContextPrices : special?.prices) }
}

/** Rounded half up to a nanodollar, exactly: above 2^53 a product of numbers is no longer what it says. */
export function amountOf(count: number, perMillion: Nanodollars): Nanodollars {
  const product = count * perMillion
  if (product <= Number.MAX_SAFE_INTEGER - MILLION) {
    const rest = product % MILLION
    return (product - rest) / MILLION + (rest * 2 >= MILLION ? 1 : 0)
  }
  return Number((BigInt(count) * BigInt(perMillion) + 500_000n) / 1_000_000n)
}

/** Parts × price = total. What was used and has no price is never free: it costs the dearest there is, and the receipt says so. */
export function makeReceipt({ prices: model, usage, basis, serviceTier, isPriceEstimated }: Charge): Receipt {
  const hasTier = serviceTier !== null && Object.hasOwn(model.tiers, serviceTier)
  const prices = pricesFor(model, serviceTier, isLongInput(model, inputTokens(usage)))
  let isEstimated = isPriceEstimated || !(hasTier || isUsualTier(serviceTier))
  const lines: ReceiptLine[] = []
  for (const part of UsagePart.options) {
    const count = usage[part] ?? 0
    if (count === 0) continue
    let perMillion = prices[part]
    if (perMillion === undefined) {
      isEstimated = true
      perMillion = model.unlisted[part]
      if (perMillion === undefined) throw new Error(`The entry ${model.name} has no price for ${part} to fall back on.`)
    }
    lines.push({ part, count, perMillion, amount: amountOf(count, perMillion) })
  }
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  return { pricedAs: model.name, lines, total, basis, isPriceEstimated: isEstimated }
}
