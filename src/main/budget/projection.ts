import { LARGEST_BUDGET, NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import type { Nanodollars } from '../../shared/domain/units.ts'

/** Exact arithmetic on what an agent costs. Products of money and counts go through BigInt; no sum ever touches a fraction. */

const MOST = BigInt(Number.MAX_SAFE_INTEGER)

/** `spent` over `done`, half a nanodollar up; null where nothing is done. */
export function averageCost(spent: Nanodollars, done: number): Nanodollars | null {
  return done === 0 ? null : ratio(BigInt(spent), BigInt(done))
}

/** What all of it costs if the rest costs what the first part did; null while nobody can tell. */
export function projectCost(spent: Nanodollars, done: number, total: number | null): Nanodollars | null {
  if (total === null || done === 0) return null
  // More done than there was: what is done is all of it.
  return ratio(BigInt(spent) * BigInt(Math.max(total, done)), BigInt(done))
}

/** What was saved against somebody else's price for the same work; below zero when it cost more. */
export function savedAgainstBaseline(spent: Nanodollars, done: number, perUnit: Nanodollars): number {
  const saved = BigInt(perUnit) * BigInt(done) - BigInt(spent)
  return Number(saved > MOST ? MOST : saved)
}

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

/** Whether nine tenths of a limit are spent. */
export function isNearlySpent(spent: Nanodollars, limit: Nanodollars): boolean {
  return spent >= limit - Math.floor(limit / 10)
}

function ratio(part: bigint, whole: bigint): Nanodollars {
  const rounded = (part * 2n + whole) / (whole * 2n)
  return Number(rounded > MOST ? MOST : rounded)
}

function ratioUp(part: bigint, whole: bigint): bigint {
  return (part + whole - 1n) / whole
}
