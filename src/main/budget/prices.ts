import type { Nanodollars } from '../../shared/domain/units.ts'
import type { Receipt, Usage, UsageBasis, UsagePart } from '../../shared/domain/llm.ts'

/** Nanodollars for a million. */
export type PartPrices = Readonly<Partial<Record<UsagePart, Nanodollars>>>

export interface TierPrices {
  readonly prices: PartPrices
  /** The same for an input longer than `longContext.above`; null where the model's own hold then. */
  readonly longContextPrices: PartPrices | null
}

export interface ModelPrices {
  /** The entry's name: what a receipt says it was priced as. */
  readonly name: string
  readonly prices: PartPrices
  /** Prices that hold for the whole call once its input is longer than this. */
  readonly longContext: { readonly above: number; readonly prices: PartPrices } | null
  /** Prices by service tier, where it is not the usual one. */
  readonly tiers: Readonly<Record<string, TierPrices>>
  readonly contextTokens: number
  readonly mostOutputTokens: number
  /** For what the entry names no price of and is used nevertheless: the dearest of the table. A receipt then says "estimated". */
  readonly unlisted: PartPrices
}

/** An entry as somebody reads it. */
export interface PricedEntry {
  readonly name: string
  readonly aliases: string[]
  readonly prices: PartPrices
  /** Whether the settings' entries say something of it. */
  readonly isOwn: boolean
  /** Whether it is also there without them. */
  readonly isShipped: boolean
}

export interface PriceTable {
  /** Own ones first, then by name. */
  readonly models: readonly PricedEntry[]
  /** By exact name, else by the name with its date or alias taken off; null where the table has none. */
  find(model: string): ModelPrices | null
  /** For each part the dearest price of the table, and its largest limits. */
  readonly ceiling: ModelPrices
}

export interface Charge {
  readonly prices: ModelPrices
  readonly usage: Usage
  readonly basis: UsageBasis
  readonly serviceTier: string | null
  readonly isPriceEstimated: boolean
}

export type MakeReceipt = (charge: Charge) => Receipt
