import { z } from 'zod'
import { UsagePart } from '../../shared/domain/llm.ts'
import { AppError } from '../../shared/errors.ts'
import { parsePerMillion, timesFactor } from './dollars.ts'

const DEAREST_TOKENS = parsePerMillion('10000') ?? 0
const DEAREST_SEARCHES = parsePerMillion('1000000') ?? 0
const MOST_TOKENS = 100_000_000

/** Dollars for a million as text, or as the number that YAML makes of it. Both are taken as they are written. */
const Price = z
  .union([z.string(), z.number()], { error: 'must be dollars for a million such as "2.50"' })
  .transform((written) => parsePerMillion(String(written)))
  .refine((price) => price !== null, 'must be dollars for a million such as "2.50", with nine decimals at most')

const TokenPrice = Price.refine((price) => price === null || price <= DEAREST_TOKENS, 'must be 10000 dollars for a million tokens or less')
const SearchPrice = Price.refine(
  (price) => price === null || price <= DEAREST_SEARCHES,
  'must be 1000000 dollars for a million searches or less',
)

const Prices = z.strictObject(
  Object.fromEntries(UsagePart.options.map((part) => [part, (part === 'webSearch' ? SearchPrice : TokenPrice).optional()])) as Record<
    UsagePart,
    z.ZodOptional<typeof TokenPrice>
  >,
)

const Tier = z.union([
  /** Each of the model's prices times this, long inputs included; searches cost what they do. */
  z.strictObject({ times: z.string().refine((factor) => timesFactor(1, factor) !== null, 'must be a factor such as "1.1"') }),
  z.strictObject({ prices: Prices, longContextPrices: Prices.optional() }),
])

const shape = {
  /** Other names of the same thing at the same price. */
  aliases: z.array(z.string().min(1)).optional(),
  contextTokens: z.int().positive().max(MOST_TOKENS),
  mostOutputTokens: z.int().nonnegative().max(MOST_TOKENS),
  prices: Prices,
  longContext: z.strictObject({ above: z.int().positive(), prices: Prices }).nullable().optional(),
  tiers: z.record(z.string().min(1), Tier).optional(),
  note: z.string().optional(),
}

export const PriceEntry = z.strictObject(shape)
export type PriceEntry = z.infer<typeof PriceEntry>

/** An entry of the settings: whole, or with `basedOn` only what differs from the entry of that name. */
export const PriceOverride = z.union([PriceEntry, z.strictObject({ basedOn: z.string() }).extend(z.strictObject(shape).partial().shape)], {
  error: 'must be an entry with contextTokens, mostOutputTokens and prices, or name with basedOn the entry that it takes them from',
})
export type PriceOverride = z.infer<typeof PriceOverride>

/** `resources/pricing.json`: dollars for a million tokens, or for a million searches. */
export const PriceFile = z.strictObject({
  about: z.string(),
  asOf: z.iso.date(),
  sources: z.array(z.strictObject({ name: z.string(), asOf: z.iso.date(), url: z.url().optional() })).min(1),
  models: z.record(z.string().min(1), PriceEntry),
})

/** Parses, or tells in one sentence which entry is wrong and what is allowed. */
export function parsePrices<S extends z.ZodType>(schema: S, json: unknown, where: string): z.infer<S> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = deepest(parsed.error.issues[0])
  const place = issue.path.map((step) => (/^[A-Za-z]\w*$/.test(String(step)) ? `.${String(step)}` : `["${String(step)}"]`)).join('')
  throw new AppError('INVALID_CONFIGURATION', `${where}${place}: ${issue.message}.`)
}

interface Place {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Of a union's alternatives, the one that got furthest knows best. */
function deepest(issue: z.core.$ZodIssue | undefined, above: readonly PropertyKey[] = []): Place {
  if (!issue) return { path: above, message: 'is no price list' }
  const path = [...above, ...issue.path]
  if (issue.code !== 'invalid_union') return { path, message: issue.message }
  const inner = issue.errors.flatMap((issues) => issues.slice(0, 1).map((one) => deepest(one, path)))
  const furthest = inner.reduce<Place>((best, one) => (one.path.length > best.path.length ? one : best), { path, message: issue.message })
  return furthest
}
