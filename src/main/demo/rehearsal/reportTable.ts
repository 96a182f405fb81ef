import type { TriggerId } from '../../../shared/domain/demo.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Difference } from './compare.ts'
import type { Readings } from './expected.ts'

/** What is told of a run. */
export interface RunReport {
  readonly run: number
  readonly tookMs: Millis
  readonly events: number
  /** At which lead each came; null where it did not. */
  readonly triggers: Readonly<Partial<Record<TriggerId, number | null>>>
  readonly figures: Readings
  readonly differences: readonly Difference[]
  /** Why it did not come to its end, as a sentence; null where it did. */
  readonly problem: string | null
}

export const REPORT_HEAD = ['RUN', 'SECONDS', 'EVENTS', 'FIGURES', 'TRIGGERS AT', 'DIFFERS IN'] as const

export function reportRow({ run, tookMs, events, triggers, differences, problem }: RunReport): string[] {
  const isIn = (what: Difference['in']): boolean => differences.some((one) => one.in === what)
  const differsIn = (['figures', 'triggers', 'events'] as const).filter(isIn)
  return [
    String(run),
    (tookMs / 1_000).toFixed(1),
    String(events),
    problem !== null ? '-' : isIn('figures') ? 'wrong' : 'as expected',
    Object.values(triggers)
      .map((lead) => (lead === null ? 'never' : `#${lead}`))
      .join(' '),
    problem !== null ? 'it did not end' : differsIn.length === 0 ? 'nothing' : differsIn.join(', '),
  ]
}

const MOST_SHOWN = 12

/** The first of what differed, each with what was expected. */
export function reportDifferences(reports: readonly RunReport[]): string[] {
  const lines = reports.flatMap(({ run, differences, problem }) => [
    ...(problem === null ? [] : [`Run ${run}: ${problem}`]),
    ...differences.map(({ in: what, where, expected, found }) => `Run ${run}, ${what}, ${where}:\n  expected  ${expected}\n  found     ${found}`),
  ])
  const rest = lines.length - MOST_SHOWN
  return rest > 0 ? [...lines.slice(0, MOST_SHOWN), `… and ${rest} more.`] : lines
}

export function isAsExpected({ differences, problem }: RunReport): boolean {
  return problem === null && differences.length === 0
}
