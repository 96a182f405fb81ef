import type { SpendPoint } from '../../shared/contract/costs.ts'
import type { Budget } from '../../shared/domain/budget.ts'
import { formatPercent, formatProjection, formatSmallMoney, formatSpent } from '../../shared/format.ts'
import type { ChartLimit, ChartLine } from '@/charts/lineChart.ts'
import { OUTLOOK_LOOK, outlookOf } from './outlook.ts'
import type { Course } from './pace.ts'

/** What was spent as a line, what is expected as a dashed one, in the colour of what comes of it. */
export function spendLines(past: readonly SpendPoint[], course: Course | null, budget: Budget): ChartLine[] {
  const spent: ChartLine = { label: 'Spent', tone: 'primary', isFilled: true, points: past.map(({ at, spent: y }) => ({ x: at, y })) }
  if (course === null) return [spent]
  return [spent, { label: 'Projected', tone: OUTLOOK_LOOK[outlookOf(budget)].tone, isDashed: true, points: course.map(({ at, spent: y }) => ({ x: at, y })) }]
}

/** Nine tenths, where the warning stands, and the limit itself. */
export function spendLimits({ limit }: Pick<Budget, 'limit'>): ChartLimit[] {
  return [
    { label: '90 %', tone: 'caution', at: limit * 0.9 },
    { label: `Limit ${formatSmallMoney(limit)}`, tone: 'bad', at: limit },
  ]
}

export function spendSummary(budget: Budget): string {
  const spent = `${formatSpent(budget.spent, budget.limit)} of ${formatSmallMoney(budget.limit)} spent, ${formatPercent(budget.spent, budget.limit)}.`
  return budget.projection === null ? spent : `${spent} ${formatProjection(budget.projection)}: ${OUTLOOK_LOOK[outlookOf(budget)].word.toLowerCase()}.`
}
