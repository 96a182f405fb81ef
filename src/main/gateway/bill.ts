import type { Receipt } from '../../shared/domain/llm.ts'
import type { Provider } from '../../shared/domain/provider.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'
import type { MakeReceipt, ModelPrices, PriceTable } from '../budget/prices.ts'
import { mostOutputOf } from '../budget/worstCase.ts'
import { settledUsage } from '../tokens/settledUsage.ts'
import type { TokenCounter } from '../tokens/tokenCounter.ts'
import type { Demand, Meter } from './dialects/dialect.ts'
import type { Exchanged } from './exchange.ts'
import type { PricedDemand } from './prepareCall.ts'

export interface BillingServices {
  readonly prices: PriceTable
  readonly makeReceipt: MakeReceipt
  readonly worstCaseOf: (demand: Demand, prices: ModelPrices, inputTokens: number | null) => Nanodollars
  readonly tokens: TokenCounter
}

/** What an attempt has cost; null where nothing is charged. At once where the provider said what was used. */
export function bill(
  services: BillingServices,
  provider: Provider,
  { demand, prices, isPriceEstimated }: PricedDemand,
  meter: Meter,
  { status, wasSent, reader }: Exchanged,
): Receipt | null | Promise<Receipt | null> {
  if (!wasSent) return null
  const { usage, isOutputPartial, model, serviceTier } = meter.metered()
  // A provider charges for no error; where it does, it says so.
  if (status !== null && (status < 200 || status >= 300) && usage === null) return null
  const answeredBy = model === null ? null : services.prices.find(model)
  const charge = { prices: answeredBy ?? prices, serviceTier, isPriceEstimated: answeredBy === null && isPriceEstimated }
  if (usage && !isOutputPartial) return services.makeReceipt({ ...charge, usage, basis: 'reported' })
  const counted = countUsage(services.tokens, provider, demand, prices, meter, reader?.unread ?? '')
  return counted.then((settled) => services.makeReceipt({ ...charge, ...settled }))
}

async function countUsage(
  tokens: TokenCounter,
  provider: Provider,
  demand: Demand,
  prices: ModelPrices,
  meter: Meter,
  unread: string,
): ReturnType<typeof settledUsage> {
  const settled = await settledUsage(tokens, provider, demand, meter)
  if (unread === '' || settled.basis === 'reported') return settled
  const { output = 0 } = settled.usage
  // Numbers, sound, a page of somebody else's: it is no more than was asked for, however long it is.
  const left = Math.max(0, mostOutputOf(demand, prices) - output)
  const more = left === 0 ? 0 : Math.min(left, await tokens.count(provider, demand.model, [unread]))
  return { usage: { ...settled.usage, output: output + more }, basis: 'counted' }
}

/** The worst case with the text counted instead of its bytes. */
export async function closerWorstCase(
  { tokens, worstCaseOf }: BillingServices,
  provider: Provider,
  { demand, prices, worstCase }: PricedDemand,
): Promise<Nanodollars> {
  if (demand.isInputOpen) return worstCase
  return worstCaseOf(demand, prices, await tokens.count(provider, demand.model, demand.inputText()))
}

/** What it cost cannot be said any more; it was not more than this. */
export function assumedReceipt({ prices }: PricedDemand, total: Nanodollars): Receipt {
  return { pricedAs: prices.name, lines: [], total, basis: 'assumed', isPriceEstimated: true }
}
