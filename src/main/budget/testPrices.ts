import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPriceTable } from './priceTable.ts'
import type { ModelPrices, PriceTable } from './prices.ts'

export const shippedJson = (): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../../../resources/pricing.json'), 'utf8'))

export const shippedTable = (): PriceTable => readPriceTable(shippedJson())

export function priced(table: PriceTable, model: string): ModelPrices {
  const prices = table.find(model)
  if (!prices) throw new Error(`The test's model ${model} stands in no table.`)
  return prices
}
