import { z } from 'zod'
import type { Nanodollars } from '../../shared/domain/units.ts'
import { UsagePart } from '../../shared/domain/llm.ts'
import { AppError } from '../../shared/errors.ts'
import { timesFactor } from './dollars.ts'
import { parsePrices, PriceFile, PriceOverride, type PriceEntry } from './priceEntry.ts'
import type { ModelPrices, PartPrices, PricedEntry, PriceTable, TierPrices } from './prices.ts'

/** A search where no entry names a price of one: dearer than anybody asks today. */
const UNHEARD_OF_SEARCH: Nanodollars = 50_000_000_000_000

export interface PricePlaces {
  readonly shipped: string
  readonly overrides: string
}

/**
 * The prices that hold: the shipped ones, and the settings' entries instead of those of the same name.
 * An entry of the settings takes over from another only what it says it does, with `basedOn`.
 */
export function readPriceTable(
  shipped: unknown,
  overrides: unknown = {},
  places: PricePlaces = { shipped: 'resources/pricing.json', overrides: 'settings: prices' },
): PriceTable {
  const file = parsePrices(PriceFile, shipped, places.shipped)
  const own = parsePrices(z.record(z.string().min(1), PriceOverride), overrides ?? {}, places.overrides)
  const entries = new Map<string, PriceEntry>(Object.entries(file.models))
  const problemAt = (name: string, problem: string): AppError =>
    new AppError(
      'INVALID_CONFIGURATION',
      `${Object.hasOwn(own, name) ? places.overrides : `${places.shipped}.models`}["${name}"]: ${problem}.`,
    )

  for (const [name, override] of Object.entries(own)) {
    if (!('basedOn' in override)) {
      entries.set(name, override)
      continue
    }
    const { basedOn, ...changes } = override
    const base = Object.hasOwn(file.models, basedOn) ? file.models[basedOn] : undefined
    if (!base) throw problemAt(name, `basedOn is "${basedOn}", but must be an entry of ${places.shipped}`)
    entries.set(name, { ...base, ...(name !== basedOn && { aliases: [] }), ...changes, prices: { ...base.prices, ...changes.prices } })
  }

  const models = new Map<string, ModelPrices>()
  for (const [name, entry] of entries)
    models.set(
      name,
      modelOf(name, entry, (problem) => problemAt(name, problem)),
    )
  const ceiling = ceilingOf([...models.values()])
  // A token from a cache costs nobody more than a fresh one; everything else that has no price might cost whatever it costs anywhere.
  for (const [name, model] of models) models.set(name, { ...model, unlisted: { ...ceiling.prices, cacheRead: model.prices.input } })

  const names = new Map<string, ModelPrices>(models)
  for (const [name, { aliases = [] }] of entries) {
    const model = models.get(name)
    for (const alias of aliases) {
      const taken = names.get(alias)
      if (taken && !Object.hasOwn(own, alias)) throw problemAt(name, `the alias "${alias}" is taken by ${taken.name}`)
      if (model && !taken) names.set(alias, model)
    }
  }
  const listed = [...entries].map(([name, { aliases = [] }]): PricedEntry => {
    return { name, aliases: [...aliases], prices: models.get(name)?.prices ?? {}, isOwn: Object.hasOwn(own, name), isShipped: Object.hasOwn(file.models, name) }
  })
  return {
    models: listed.sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.name.localeCompare(b.name, 'en', { numeric: true })),
    find: (model) =>
      spellingsOf(model)
        .map((name) => names.get(name))
        .find((found) => found !== undefined) ?? null,
    ceiling,
  }
}

/** Only what is known to be the same: a name that merely begins like another is another model. */
function spellingsOf(model: string): string[] {
  const plain = model.replace(/^(?:openai|anthropic)\//, '')
  // ft:gpt-4o-mini-2024-07-18:org:name:id is priced as ft:gpt-4o-mini, if that has an entry, and never as gpt-4o-mini.
  const base = plain.startsWith('ft:') ? plain.split(':').slice(0, 2).join(':') : plain
  const undated = base.replace(/-(?:20\d{2}-[01]\d-[0-3]\d|20\d{2}[01]\d[0-3]\d|latest)$/, '')
  return [model, plain, base, undated]
}

type ListedPrices = PriceEntry['prices']

function modelOf(name: string, entry: PriceEntry, problem: (sentence: string) => AppError): ModelPrices {
  const { prices: listed, longContext, tiers = {}, contextTokens, mostOutputTokens } = entry
  const prices = complete(listed)
  if (prices.input === undefined) throw problem('prices.input is missing; give dollars for a million tokens')
  if (prices.output === undefined && mostOutputTokens > 0) {
    throw problem('prices.output is missing; give dollars for a million tokens, or 0 as mostOutputTokens')
  }
  /** Other prices name every kind of token that the usual ones name: none may fall back to a cheaper one unseen. */
  const sameParts = (other: ListedPrices, where: string): PartPrices => {
    const completed = complete(other)
    const missing = Object.keys(prices).find((part) => part !== 'webSearch' && completed[part as UsagePart] === undefined)
    if (missing) throw problem(`${where} names no price for ${missing}, and prices does`)
    return completed
  }
  const long = longContext ? { above: longContext.above, prices: sameParts(longContext.prices, 'longContext.prices') } : null
  const tierEntries = Object.entries(tiers).map(([tier, special]): [string, TierPrices] => {
    if ('times' in special) {
      return [tier, { prices: scaled(prices, special.times), longContextPrices: long && scaled(long.prices, special.times) }]
    }
    const { longContextPrices } = special
    return [
      tier,
      {
        prices: sameParts(special.prices, `tiers.${tier}.prices`),
        longContextPrices: longContextPrices ? sameParts(longContextPrices, `tiers.${tier}.longContextPrices`) : null,
      },
    ]
  })
  return { name, prices, longContext: long, tiers: Object.fromEntries(tierEntries), contextTokens, mostOutputTokens, unlisted: {} }
}

/** Reasoning costs what output costs wherever nothing else is said. */
function complete(listed: ListedPrices): PartPrices {
  const reasoning = listed.reasoning ?? listed.output
  const entries = Object.entries({ ...listed, reasoning }).filter(([, price]) => price !== undefined && price !== null)
  return Object.fromEntries(entries) as PartPrices
}

function scaled(prices: PartPrices, factor: string): PartPrices {
  const entries = Object.entries(prices).map(([part, price]) => [part, part === 'webSearch' ? price : timesFactor(price, factor)])
  return Object.fromEntries(entries) as PartPrices
}

function ceilingOf(models: readonly ModelPrices[]): ModelPrices {
  const dearest: Partial<Record<UsagePart, Nanodollars>> = {}
  for (const { prices, longContext, tiers } of models) {
    const lists = [prices, longContext?.prices, ...Object.values(tiers).flatMap((tier) => [tier.prices, tier.longContextPrices])]
    for (const list of lists) {
      for (const [part, price] of Object.entries(list ?? {}) as [UsagePart, Nanodollars][])
        dearest[part] = Math.max(dearest[part] ?? 0, price)
    }
  }
  const dearestToken = Math.max(0, ...Object.entries(dearest).map(([part, price]) => (part === 'webSearch' ? 0 : price)))
  for (const part of UsagePart.options) dearest[part] ??= part === 'webSearch' ? UNHEARD_OF_SEARCH : dearestToken
  return {
    name: 'ceiling',
    prices: dearest,
    longContext: null,
    tiers: {},
    contextTokens: Math.max(0, ...models.map(({ contextTokens }) => contextTokens)),
    mostOutputTokens: Math.max(0, ...models.map(({ mostOutputTokens }) => mostOutputTokens)),
    unlisted: dearest,
  }
}
