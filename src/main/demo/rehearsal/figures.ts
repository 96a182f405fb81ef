import type { Budget } from '../../../shared/domain/budget.ts'
import type { Performance } from '../../../shared/domain/report.ts'
import type { SafetyCounts } from '../../../shared/domain/safety.ts'
import type { ServiceView } from '../../../shared/domain/service.ts'
import { formatAverage, formatBaseline, formatIncrease, formatMoney, formatPercent, formatProjection } from '../../../shared/format.ts'

/** What the panels show at a moment, as they write it. */
export type Figures = Readonly<Record<string, string>>

export interface FiguresAsked {
  readonly budget: Budget
  readonly performance: Performance | null
  readonly services: readonly ServiceView[]
  readonly findings: SafetyCounts
}

const NOTHING = '–'

export function figuresOf({ budget, performance, services, findings }: FiguresAsked): Figures {
  const shown = performance?.formatted
  return {
    progress: shown?.progress ?? NOTHING,
    success: shown?.success ?? NOTHING,
    ...moneyOf(budget),
    cacheHits: shown?.cacheHits ?? NOTHING,
    blocked: shown?.blocked ?? NOTHING,
    saved: shown?.saved ?? NOTHING,
    viaFallback: shown?.viaFallback ?? NOTHING,
    breaker: breakerOf(services),
    findings: findingsOf(findings),
  }
}

export function moneyOf({ spent, limit, average, unit, projection, savedAgainstBaseline, recommendedIncrease }: Budget): Figures {
  return {
    spent: `${formatMoney(spent)} / ${formatMoney(limit)}`,
    used: `${formatPercent(spent, limit)} used`,
    average: average === null ? NOTHING : formatAverage(average, unit),
    projection: projection === null ? NOTHING : formatProjection(projection),
    baseline: savedAgainstBaseline === null ? NOTHING : formatBaseline(savedAgainstBaseline),
    increase: formatIncrease(recommendedIncrease),
  }
}

/** Whether it is open or tries a call at this moment is a question of time. */
function breakerOf(services: readonly ServiceView[]): string {
  const linkedin = services.filter(({ service }) => service === 'linkedin')
  if (linkedin.length === 0) return NOTHING
  return linkedin.every(({ state }) => state === 'closed') ? 'closed' : 'open'
}

function findingsOf({ found, byType }: SafetyCounts): string {
  const types = Object.entries(byType).filter(([, count]) => count > 0)
  return [String(found), ...types.map(([type, count]) => `${type} ${count}`).sort()].join(', ')
}
