import { AppError } from '../../../shared/errors.ts'
import { differences, type ComparedRun } from './compare.ts'
import { APPROVED, DECLINED } from './expected.ts'
import { normalise } from './normalise.ts'
import { beginRun, type RehearsalOptions, type RunRecord } from './rehearseOnce.ts'
import { isAsExpected, type RunReport } from './reportTable.ts'

export interface RehearseOptions extends RehearsalOptions {
  readonly runs: number
  /** The room's own, which stands in paths. */
  readonly folder: string
  readonly onRun: (report: RunReport) => unknown
}

/** One run after the other in the same room, each compared with the story and with the first. One that does not end ends the rehearsal. */
export async function rehearse(options: RehearseOptions): Promise<RunReport[]> {
  const { runs, folder, clock, isApproving, onRun } = options
  const story = isApproving ? APPROVED : DECLINED
  const reports: RunReport[] = []
  let first: ComparedRun | null = null
  for (let run = 1; run <= runs; run++) {
    const startedAt = clock.now()
    // What keeps it from starting is no result of a rehearsal.
    const begun = await beginRun(options)
    let record: RunRecord
    try {
      record = await begun.finish()
    } catch (problem) {
      if (!(problem instanceof AppError)) throw problem
      reports.push({ run, tookMs: clock.now() - startedAt, events: 0, triggers: {}, figures: {}, differences: [], problem: problem.message })
      await onRun(reports.at(-1) as RunReport)
      return reports
    }
    const compared: ComparedRun = { figures: record.figures, triggers: record.triggers, log: normalise(record, folder) }
    const report: RunReport = {
      run,
      tookMs: record.tookMs,
      events: record.events.length,
      triggers: Object.fromEntries(Object.entries(record.triggers).map(([id, { seenAt }]) => [id, seenAt])),
      figures: record.figures,
      differences: differences(compared, story, first),
      problem: null,
    }
    first ??= compared
    reports.push(report)
    await onRun(report)
  }
  return reports
}

export function isAlike(reports: readonly RunReport[], runs: number): boolean {
  return reports.length === runs && reports.every(isAsExpected)
}
