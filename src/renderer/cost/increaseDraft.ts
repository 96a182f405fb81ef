import type { Budget } from '../../shared/domain/budget.ts'
import { LARGEST_BUDGET, parseDollars } from '../../shared/domain/money.ts'
import { formatExactDollars, formatMoney, formatSmallMoney, formatSpent } from '../../shared/format.ts'

export type ReadIncrease = { readonly by: number; readonly problem: null } | { readonly by: null; readonly problem: string }

/** What somebody has typed, as an amount, or why it is none. */
export function readIncrease(text: string, limit: number): ReadIncrease {
  const by = parseDollars(text)
  if (by === null || by === 0) return { by: null, problem: 'Write an amount in dollars, such as 25 or 0.50.' }
  if (limit + by > LARGEST_BUDGET) return { by: null, problem: `A budget is at most ${formatMoney(LARGEST_BUDGET)}.` }
  return { by, problem: null }
}

/** `25.00`, as one would type it. */
export function suggestedIncrease({ recommendedIncrease }: Budget): string {
  return formatExactDollars(recommendedIncrease)
}

/** What is recommended, and more of it; no more than budgets go. */
export function increaseChoices({ recommendedIncrease, limit }: Budget): number[] {
  return [1, 2, 4].map((times) => recommendedIncrease * times).filter((by) => by > 0 && limit + by <= LARGEST_BUDGET)
}

export function suggestedReason({ spent, limit, progress, unit }: Budget): string {
  const money = `${formatSpent(spent, limit)} of ${formatSmallMoney(limit)} spent`
  if (!progress) return `To finish the work: ${money}`
  const done = progress.total === null ? `${progress.done}` : `${progress.done} of ${progress.total}`
  return `To finish the work: ${money}, ${done} ${unit}s done`
}
