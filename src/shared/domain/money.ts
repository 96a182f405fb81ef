import type { Nanodollars } from './units.ts'

export const NANODOLLARS_PER_DOLLAR = 1_000_000_000

/** A million dollars: beyond it a budget is a typing error. */
export const LARGEST_BUDGET: Nanodollars = 1_000_000 * NANODOLLARS_PER_DOLLAR

const AMOUNT = /^\$?(\d{1,7})(?:\.(\d{1,9}))?$/

/** Reads `50`, `$50` or `0.25` into nanodollars without ever touching a floating-point number; null when it is no such amount. */
export function parseDollars(text: string): Nanodollars | null {
  const match = AMOUNT.exec(text.trim())
  if (!match) return null
  const [, whole = '0', fraction = ''] = match
  return Number(whole) * NANODOLLARS_PER_DOLLAR + Number(fraction.padEnd(9, '0'))
}
