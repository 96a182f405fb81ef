import type { Deed } from './plan.ts'

/** A room leaves when it is made to, and for no other reason. */

const CANNOT_STORE = 74
const KEEPS_FROM_STORING: readonly Deed[] = ['fillDisk', 'lockShortly', 'lockLong']

/** `ends`: exit codes and signals. The last one is its end with the soak. */
export function judgeEnds(ends: readonly (number | string)[], done: ReadonlyMap<Deed, number>): string[] {
  const times = (...deeds: readonly Deed[]): number => deeds.reduce((sum, deed) => sum + (done.get(deed) ?? 0), 0)
  const most = new Map<number | string, number>([['SIGKILL', times('killRoom')], [0, times('stopRoom') + 1], [CANNOT_STORE, times(...KEEPS_FROM_STORING)]])
  const counted = Map.groupBy(ends, (end) => end)
  const problems = [...counted].flatMap(([end, { length }]) => (length > (most.get(end) ?? 0) ? [`It left with ${end} ${length} times, and was made to ${most.get(end) ?? 0} times.`] : []))
  return ends.at(-1) === 0 ? problems : [...problems, `When it was asked to end, it left with ${ends.at(-1) ?? 'nothing'}.`]
}
