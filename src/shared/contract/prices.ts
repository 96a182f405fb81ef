import { z } from 'zod'
import { UsagePart } from '../domain/llm.ts'
import { Nanodollars } from '../domain/units.ts'
import { command } from './define.ts'

/** Nanodollars for a million. A part without a price of its own is not there. */
const PartPrices = z.partialRecord(UsagePart, Nanodollars)

export const PricedModel = z.object({
  name: z.string(),
  aliases: z.array(z.string()),
  prices: PartPrices,
  /** Whether the own price file says something of it. */
  isOwn: z.boolean(),
  /** Whether it is also there without that. */
  isShipped: z.boolean(),
})
export type PricedModel = z.infer<typeof PricedModel>

export const PriceList = z.object({
  models: z.array(PricedModel),
  /** Of the prices that come with the room. */
  asOf: z.string(),
  /** Where own prices stand; null while there are none. */
  file: z.string().nullable(),
})
export type PriceList = z.infer<typeof PriceList>

const Model = z.string().min(1).max(200)

export const priceCommands = {
  'price.list': command({
    summary: 'Lists what models cost, and which of the prices are own ones.',
    least: 'admin',
    http: 'GET /prices',
    input: z.strictObject({}),
    output: PriceList,
  }),
  'price.change': command({
    summary: 'Gives a model other prices in the own price file, or takes them back; it holds from the next call on.',
    least: 'admin',
    http: 'PATCH /prices',
    input: z.strictObject({
      model: Model,
      /** Of a model that there is no price of: which one it is like otherwise. */
      basedOn: Model.optional(),
      /** Dollars for a million, as text. Left out, the own ones are taken back. */
      prices: z.partialRecord(UsagePart, z.string().max(40)).optional(),
    }),
    output: PriceList,
  }),
}
