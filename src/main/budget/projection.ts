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

/** Whether nine tenths of a limit are spent. */
export function isNearlySpent(spent: Nanodollars, limit: Nanodollars): boolean {
  return spent >= limit - Math.floor(limit / 10)
}

function ratio(part: bigint, whole: bigint): Nanodollars {
  const rounded = (part * 2n + whole) / (whole * 2n)
  return Number(rounded > MOST ? MOST : rounded)
}
