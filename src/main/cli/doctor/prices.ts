import { AppError } from '../../../shared/errors.ts'
import { readPriceList } from '../../configuration/priceList.ts'
import type { Check } from './finding.ts'

const NAME = 'Prices'

/** Whether the user's own price file can be read: with a wrong one no room opens. */
export const checkPrices: Check = async ({ applicationFolder, settings: { values } }) => {
  try {
    await readPriceList(applicationFolder, values.prices)
    const message = values.prices === null ? 'those that come with the application' : `${values.prices}, laid over those that come with the application`
    return { name: NAME, state: 'ok', message, advice: null }
  } catch (problem) {
    if (!(problem instanceof AppError)) throw problem
    return { name: NAME, state: 'problem', message: problem.message, advice: 'Mend that file, or take prices out of the settings.' }
  }
}
