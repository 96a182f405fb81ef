import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import { resourcesIn } from '../application.ts'
import { readPriceTable } from '../budget/priceTable.ts'
import type { PriceTable } from '../budget/prices.ts'
import { readSettingsFile } from './settingsFile.ts'

/** The prices that come with the application. */
export interface ShippedPrices {
  readonly file: string
  readonly json: unknown
  readonly asOf: string
  has(model: string): boolean
}

export async function readShippedPrices(applicationFolder: string): Promise<ShippedPrices> {
  const file = join(resourcesIn(applicationFolder), 'pricing.json')
  const json = JSON.parse(await readFile(file, 'utf8')) as { asOf: string; models: Record<string, unknown> }
  return { file, json, asOf: json.asOf, has: (model) => Object.hasOwn(json.models, model) }
}

/** With the entries of somebody's own file laid over them. */
export function layOver(shipped: ShippedPrices, own: unknown, file: string): PriceTable {
  return readPriceTable(shipped.json, own, { shipped: shipped.file, overrides: file })
}

/** The prices that come with the application, and laid over them those of the user's own file, where the settings name one. */
export async function readPriceList(applicationFolder: string, ownFile: string | null): Promise<PriceTable> {
  const shipped = await readShippedPrices(applicationFolder)
  if (ownFile === null) return layOver(shipped, {}, 'settings: prices')
  const own = await readSettingsFile(ownFile)
  if (!own) throw new AppError('INVALID_CONFIGURATION', `There is no price file ${ownFile}; it was named in the settings as prices.`)
  return layOver(shipped, own.values, ownFile)
}
