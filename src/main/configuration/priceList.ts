import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/errors.ts'
import { readPriceTable } from '../budget/priceTable.ts'
import type { PriceTable } from '../budget/prices.ts'
import { readSettingsFile } from './settingsFile.ts'

/** The prices that come with the application, and laid over them those of the user's own file, where the settings name one. */
export async function readPriceList(applicationFolder: string, ownFile: string | null): Promise<PriceTable> {
  const shippedFile = join(applicationFolder, 'resources', 'pricing.json')
  const shipped: unknown = JSON.parse(await readFile(shippedFile, 'utf8'))
  if (ownFile === null) return readPriceTable(shipped)
  const own = await readSettingsFile(ownFile)
  if (!own) throw new AppError('INVALID_CONFIGURATION', `There is no price file ${ownFile}; it was named in the settings as prices.`)
  return readPriceTable(shipped, own.values, { shipped: shippedFile, overrides: ownFile })
}
