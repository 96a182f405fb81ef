import type { Database } from 'better-sqlite3'
import type { SpendPoint } from '../../shared/contract/costs.ts'
import { MOST_POINTS } from '../../shared/thinnedSeries.ts'
import { nextTurn } from '../nextTurn.ts'
import type { CallRepository } from './repositories.ts'

/** As with the sums: between two steps others have their turn. */
const CALLS_AT_ONCE = 10_000
export const LEAST_APART_MS = 1_000

interface Place {
  readonly seq: number
  readonly at: number
}

interface Step {
  readonly agentId: string
  readonly after: number
  readonly end: number
  readonly from: number
  readonly apart: number
}

export interface Stretch {
  readonly place: number
  readonly at: number
  readonly cost: number
  readonly calls: number
}

/** Calls that lie close together are one point: as many stretches as fit, all of the same length. */
export function createSpendHistory(database: Database, callsAtOnce = CALLS_AT_ONCE): CallRepository['history'] {
  const first = database.prepare<[string], Place>('SELECT seq, at FROM call_costs WHERE agent_id = ? ORDER BY seq LIMIT 1')
  const last = database.prepare<[string], Place>('SELECT seq, at FROM call_costs WHERE agent_id = ? ORDER BY seq DESC LIMIT 1')
  const endOfStep = database
    .prepare<[Pick<Step, 'agentId' | 'after' | 'end'>], number>(`
      SELECT seq FROM call_costs WHERE agent_id = @agentId AND seq > @after AND seq <= @end ORDER BY seq LIMIT 1 OFFSET ${callsAtOnce - 1}`)
    .pluck()
  // Bound numbers are no integers to SQLite: it would divide them to a fraction.
  // A clock that was set back puts a call into the first stretch; one that was set ahead, into the last.
  const stretches = database.prepare<[Step], Stretch>(`
    SELECT min(max(CAST((at - @from) / @apart AS INTEGER), 0), ${MOST_POINTS - 1}) AS place, max(at) AS at, sum(cost) AS cost, sum(outcome = 'answered' OR cost > 0) AS calls
    FROM call_costs WHERE agent_id = @agentId AND seq > @after AND seq <= @end GROUP BY place`)

  return async (agentId) => {
    const [begin, end] = [first.get(agentId), last.get(agentId)]
    if (!begin || !end) return []
    const apart = Math.max(LEAST_APART_MS, Math.ceil((end.at - begin.at + 1) / MOST_POINTS))
    const found = new Map<number, Stretch>()
    for (let after = 0; after < end.seq; ) {
      const until = endOfStep.get({ agentId, after, end: end.seq }) ?? end.seq
      for (const one of stretches.all({ agentId, after, end: until, from: begin.at, apart })) {
        const before = found.get(one.place)
        found.set(one.place, before ? { ...one, at: Math.max(before.at, one.at), cost: before.cost + one.cost, calls: before.calls + one.calls } : one)
      }
      after = until
      if (after < end.seq) await nextTurn()
    }
    return grown([...found.values()])
  }
}

export function grown(stretches: readonly Stretch[]): SpendPoint[] {
  let [spent, calls] = [0, 0]
  return stretches
    .toSorted((one, other) => one.place - other.place)
    .map(({ at, cost, calls: more }) => {
      spent += cost
      calls += more
      return { at, spent, calls }
    })
}
