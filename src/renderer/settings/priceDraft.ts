import type { PricedModel } from '../../shared/contract/prices.ts'
import type { UsagePart } from '../../shared/domain/llm.ts'
import { formatExactDollars } from '../../shared/format.ts'
import type { PriceChange } from '@/stores/prices.ts'

/** Those that a table has room for; whatever else a model has a price of stays as it is. */
export const SHOWN_PARTS = ['input', 'cacheRead', 'output'] as const satisfies readonly UsagePart[]
export type ShownPart = (typeof SHOWN_PARTS)[number]

export const PART_WORDS: Readonly<Record<ShownPart, string>> = { input: 'Input', cacheRead: 'Cached input', output: 'Output' }

/** Dollars for a million, as somebody types them. */
export function priceText({ prices }: Pick<PricedModel, 'prices'>, part: ShownPart): string {
  const price = prices[part]
  return price === undefined ? '' : formatExactDollars(price)
}

/** Only what is another price than before; null where nothing is. */
export function priceChange(model: string, basedOn: string | null, before: PricedModel | null, typed: Readonly<Record<ShownPart, string>>): PriceChange | null {
  const changed = SHOWN_PARTS.filter((part) => typed[part].trim() !== '' && (before === null || typed[part].trim() !== priceText(before, part)))
  if (changed.length === 0 || model.trim() === '') return null
  const prices = Object.fromEntries(changed.map((part) => [part, typed[part].trim()]))
  return { model: model.trim(), ...(basedOn !== null && { basedOn }), prices }
}

/** Named so, or known by that name too. */
export function modelsWith(models: readonly PricedModel[], sought: string): PricedModel[] {
  const words = sought.trim().toLowerCase()
  return models.filter(({ name, aliases }) => [name, ...aliases].some((one) => one.toLowerCase().includes(words)))
}
