import type { Call } from '../../shared/domain/llm.ts'
import type { Millis } from '../../shared/domain/units.ts'
import { nextTurn } from '../nextTurn.ts'
import { createCostBreakdown } from './costBreakdown.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { CallRepository, CostRange } from './repositories.ts'
import { createSpendHistory } from './spendHistory.ts'

/** Read at once on the way through all of them; between two pages others have their turn. */
const PAGE = 500
/** Places looked at by one statement: where few are of the time asked for, none goes through all that there are. */
const STRETCH = 4_096

interface Row {
  seq: number
  at: Millis
  payload: string
}

interface Ends {
  first: number | null
  last: number | null
}

interface PageQuery {
  readonly agentId: string | null
  readonly from: Millis
  readonly until: Millis
  readonly after: number
  readonly end: number
}

export function createCallRepository({ fast }: Pick<OpenDatabase, 'fast'>, stretch = STRETCH): CallRepository {
  const newest = fast.prepare<[number, number], Row>('SELECT seq, at, payload FROM calls WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  const newestOfAgent = fast.prepare<[string, number, number], Row>(`
    SELECT seq, calls.at, payload FROM call_costs CROSS JOIN calls USING (seq)
    WHERE agent_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`)
  const get = fast.prepare<[string], Row>('SELECT seq, at, payload FROM calls WHERE id = ?')
  const ends = fast.prepare<[], Ends>('SELECT min(seq) AS first, max(seq) AS last FROM calls')
  const endsOfAgent = fast.prepare<[string], Ends>('SELECT min(seq) AS first, max(seq) AS last FROM call_costs WHERE agent_id = ?')
  const page = fast.prepare<[PageQuery], Row>(`
    SELECT seq, at, payload FROM calls WHERE seq > @after AND seq <= @end AND at >= @from AND at < @until ORDER BY seq LIMIT ${PAGE}`)
  const pageOfAgent = fast.prepare<[PageQuery], Row>(`
    SELECT seq, calls.at, payload FROM call_costs CROSS JOIN calls USING (seq)
    WHERE agent_id = @agentId AND seq > @after AND seq <= @end AND call_costs.at >= @from AND call_costs.at < @until ORDER BY seq LIMIT ${PAGE}`)
  const refusals = fast.prepare<[string], { refusal: string; count: number }>(`
    SELECT refusal, count(*) AS count FROM call_costs WHERE agent_id = ? AND refusal IS NOT NULL GROUP BY refusal`)

  return {
    list: async ({ agentId, before = Number.MAX_SAFE_INTEGER, limit }) => {
      // One more than asked for tells whether there is another page.
      const found = agentId === undefined ? newest.all(before, limit + 1) : newestOfAgent.all(agentId, before, limit + 1)
      const rows = found.slice(0, limit)
      return { calls: rows.map(toCall), next: found.length > limit ? (rows.at(-1)?.seq ?? null) : null }
    },
    get: async (callId) => {
      const row = get.get(callId)
      return row ? toCall(row) : null
    },
    breakdown: createCostBreakdown(fast),
    history: createSpendHistory(fast),
    async each({ agentId, from = 0, until = Number.MAX_SAFE_INTEGER }: CostRange, visit) {
      const read = agentId === undefined ? page : pageOfAgent
      const { first, last } = (agentId === undefined ? ends.get() : endsOfAgent.get(agentId)) as Ends
      if (first === null || last === null) return
      for (let after = first - 1; after < last; ) {
        const end = Math.min(last, after + stretch)
        const rows = read.all({ agentId: agentId ?? null, from, until, after, end })
        for (const row of rows) visit(toCall(row), row.at)
        after = rows.length < PAGE ? end : (rows.at(-1)?.seq ?? end)
        await nextTurn()
      }
    },
    refusals: async (agentId) => Object.fromEntries(refusals.all(agentId).map(({ refusal, count }) => [refusal, count])),
  }
}

function toCall({ payload }: Row): Call {
  return (JSON.parse(payload) as { call: Call }).call
}
