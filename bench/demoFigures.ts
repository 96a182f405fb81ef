import { line, over, type Figure } from './figure.ts'
import { rounded, type Distribution } from './measure.ts'

/** The figures of the demo before an audience. */

interface DemoViewersRow {
  readonly viewers: number
  readonly slowest: { readonly p50: number; readonly p99: number; readonly worstP99: number }
  readonly worst: number
  readonly lateShare: number
  readonly painted: Distribution
  readonly frames: Distribution
  readonly pageCpu: number
  readonly hostCpu: number
}

interface DemoViewersReport {
  readonly goalP99Ms: number
  readonly goalWorstMs: number
  readonly results: readonly { readonly speed: number | 'max'; readonly rows: readonly DemoViewersRow[] }[]
}

export function demoViewers({ goalP99Ms, goalWorstMs, results }: DemoViewersReport): Figure[] {
  return results.flatMap(({ speed, rows }) => {
    const alone = rows.find(({ viewers }) => viewers === 0)!
    return rows
      .filter(({ viewers }) => viewers > 0)
      .flatMap(({ viewers, slowest, worst, lateShare, painted, frames, hostCpu }) => {
        const who = `${viewers} viewers at speed ${speed}`
        return [
          line(`Event → slowest of ${who}`, `p50 ${slowest.p50} ms, p99 ${slowest.p99} ms (worst round ${slowest.worstP99})`, null, { text: `< ${goalP99Ms} ms (p99)`, isMet: slowest.p99 < goalP99Ms }),
          line(`The worst delay of ${who}`, `${worst} ms; ${rounded(lateShare * 100)} % above 500 ms`, null, { text: `≤ ${goalWorstMs} ms`, isMet: worst <= goalWorstMs }),
          line(`Event → painted by the presenter's window, ${who}`, `p50 ${painted.p50} ms, p95 ${painted.p95} ms`, `p50 ${over(painted.p50, alone.painted.p50)}, p95 ${over(painted.p95, alone.painted.p95)} without viewers`),
          line(`From frame to frame there, ${who}`, `p95 ${frames.p95} ms`, `${over(frames.p95, alone.frames.p95)} without viewers`),
          line(`Processor time of the room, ${who}`, `${rounded(hostCpu * 100)} % of a core`, `${over(hostCpu, alone.hostCpu)} without viewers`),
        ]
      })
  })
}
