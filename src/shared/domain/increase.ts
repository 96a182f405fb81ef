import { LARGEST_BUDGET, NANODOLLARS_PER_DOLLAR } from './money.ts'
import type { Nanodollars } from './units.ts'

export interface IncreaseQuestion {
  readonly limit: Nanodollars
  readonly projection: Nanodollars | null
  /** By how much the call that waits misses the limit; 0 where none waits. */
  readonly shortfall: Nanodollars
}

/** By how much to raise: half the limit, a tenth more than the projection, or what waits, whichever is most; then up to a round sum. */
export function recommendedIncrease({ limit, projection, shortfall }: IncreaseQuestion): Nanodollars {
  const half = Math.ceil(limit / 2)
  const ahead = projection === null ? 0 : Number(ratioUp(BigInt(projection) * 11n, 10n) - BigInt(limit))
  const wanted = Math.max(half, ahead, shortfall)
  return Math.min(roundSumFrom(wanted === 0 ? NANODOLLARS_PER_DOLLAR : wanted), Math.max(0, LARGEST_BUDGET - limit))
}

/** The next of 1, 2.5, 5, 10, 25, 50 … of the smallest money there is. */
function roundSumFrom(wanted: Nanodollars): Nanodollars {
  for (let power = 1; power < LARGEST_BUDGET; power *= 10) {
    for (const sum of [power, (power * 5) / 2, power * 5]) {
      if (Number.isInteger(sum) && sum >= wanted) return sum
    }
  }
  return LARGEST_BUDGET
}

function ratioUp(part: bigint, whole: bigint): bigint {
  return (part + whole - 1n) / whole
}
