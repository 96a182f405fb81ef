import { NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'

const DECIMAL = /^(\d{1,7})(?:\.(\d{1,9}))?$/
const FACTOR = /^(\d{1,2})(?:\.(\d{1,4}))?$/
const FACTOR_UNIT = 10_000

/** Reads dollars for a million, `0.0125`, into nanodollars for a million, exactly; null when it is no such price. */
export function parsePerMillion(text: string): Nanodollars | null {
  const match = DECIMAL.exec(text)
  if (!match) return null
  const [, whole = '0', fraction = ''] = match
  return Number(whole) * NANODOLLARS_PER_DOLLAR + Number(fraction.padEnd(9, '0'))
}

/** A price times `1.1`, rounded up to a nanodollar for a million; null when the factor is no such number. */
export function timesFactor(price: Nanodollars, factor: string): Nanodollars | null {
  const match = FACTOR.exec(factor)
  if (!match) return null
  const [, whole = '0', fraction = ''] = match
  const scaled = BigInt(Number(whole) * FACTOR_UNIT + Number(fraction.padEnd(4, '0')))
  return Number((BigInt(price) * scaled + BigInt(FACTOR_UNIT - 1)) / BigInt(FACTOR_UNIT))
}
