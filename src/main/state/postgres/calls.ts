import type { CostRow, SpendPoint } from '../../../shared/contract/costs.ts'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Call } from '../../../shared/domain/llm.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { MOST_POINTS } from '../../../shared/thinnedSeries.ts'
import { byCost, byKey, nameOf } from '../costBreakdown.ts'
import type { CallRepository, CostRange } from '../repositories.ts'
import { grown, LEAST_APART_MS, type Stretch } from '../spendHistory.ts'
import type { PostgresDatabase } from './database.ts'

/** Read at once on the way through all of them. */
const PAGE = 500
const KEYS = { agent: 'agent_id', model: 'model', hour: 'at / 3600000' } as const

interface Row {
  seq: number
  at: Millis
  payload: string
}

export function createPostgresCalls({ read }: PostgresDatabase): CallRepository {
  return {
    list: async ({ agentId, before = Number.MAX_SAFE_INTEGER, limit }) => {
      // One more than asked for tells whether there is another page.
      const found = await read.rows<Row>(LIST, [agentId ?? null, before, limit + 1])
      const rows = found.slice(0, limit)
      return { calls: rows.map(toCall), next: found.length > limit ? (rows.at(-1)?.seq ?? null) : null }
    },
    get: async (callId) => {
      const [row] = await read.rows<Row>('SELECT seq, at, payload FROM calls WHERE id = $1', [callId])
      return row ? toCall(row) : null
    },
    async breakdown(by, { agentId, from = 0, until = Number.MAX_SAFE_INTEGER }) {
      const rows = await read.rows<CostRow & { key: string | number }>(SUMS(by), [agentId ?? null, from, until])
      const named = rows.map((row) => ({ ...row, key: nameOf(by, row.key) }))
      return { rows: named.sort(by === 'hour' ? byKey : byCost), total: named.reduce((sum, { cost }) => sum + cost, 0) }
    },
    history: (agentId) => history(agentId),
    async each({ agentId, from = 0, until = Number.MAX_SAFE_INTEGER }: CostRange, visit) {
      for (let after = 0; ; ) {
        const rows = await read.rows<Row>(EACH, [agentId ?? null, after, from, until])
        for (const row of rows) visit(toCall(row), row.at)
        const last = rows.at(-1)
        if (last === undefined || rows.length < PAGE) return
        after = last.seq
      }
    },
    refusals: async (agentId) => {
      const rows = await read.rows<{ refusal: string; count: number }>(REFUSALS, [agentId])
      return Object.fromEntries(rows.map(({ refusal, count }) => [refusal, count]))
    },
  }

  async function history(agentId: AgentId): Promise<SpendPoint[]> {
    const [ends] = await read.rows<{ first: number | null; last: number | null; latest: number | null }>(ENDS, [agentId])
    if (!ends || ends.first === null || ends.last === null || ends.latest === null) return []
    const apart = Math.max(LEAST_APART_MS, Math.ceil((ends.last - ends.first + 1) / MOST_POINTS))
    return grown(await read.rows<Stretch>(STRETCHES, [agentId, ends.latest, ends.first, apart]))
  }
}

const LIST = `
  SELECT seq, calls.at, payload FROM calls
  WHERE seq < $2 AND ($1::text IS NULL OR seq IN (SELECT seq FROM call_costs WHERE agent_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3))
  ORDER BY seq DESC LIMIT $3`

const EACH = `
  SELECT seq, calls.at, payload FROM calls
  WHERE seq > $2 AND at >= $3 AND at < $4
    AND ($1::text IS NULL OR seq IN (SELECT seq FROM call_costs WHERE agent_id = $1 AND seq > $2 AND at >= $3 AND at < $4 ORDER BY seq LIMIT ${PAGE}))
  ORDER BY seq LIMIT ${PAGE}`

/** Refused calls stand in no sum, unless something was charged before. */
const SUMS = (by: keyof typeof KEYS): string => `
  SELECT ${KEYS[by]} AS key, count(*) FILTER (WHERE outcome = 'answered' OR cost > 0) AS calls, sum(input_tokens)::bigint AS "inputTokens",
    sum(output_tokens)::bigint AS "outputTokens", sum(cached_tokens)::bigint AS "cachedTokens", sum(reasoning_tokens)::bigint AS "reasoningTokens", sum(cost)::bigint AS cost
  FROM call_costs
  WHERE ($1::text IS NULL OR agent_id = $1) AND at >= $2 AND at < $3 AND (refusal IS NULL OR cost > 0)
  GROUP BY 1`

const REFUSALS = 'SELECT refusal, count(*) AS count FROM call_costs WHERE agent_id = $1 AND refusal IS NOT NULL GROUP BY refusal'

const ENDS = `
  SELECT (SELECT at FROM call_costs WHERE agent_id = $1 ORDER BY seq LIMIT 1) AS first,
    (SELECT at FROM call_costs WHERE agent_id = $1 ORDER BY seq DESC LIMIT 1) AS last,
    (SELECT max(seq) FROM call_costs WHERE agent_id = $1) AS latest`

/** A clock that was set back puts a call into the first stretch; one that was set ahead, into the last. */
const STRETCHES = `
  SELECT least(greatest((at - $3) / $4, 0), ${MOST_POINTS - 1}) AS place, max(at) AS at, sum(cost)::bigint AS cost,
    count(*) FILTER (WHERE outcome = 'answered' OR cost > 0) AS calls
  FROM call_costs WHERE agent_id = $1 AND seq <= $2 GROUP BY 1`

function toCall({ payload }: Row): Call {
  return (JSON.parse(payload) as { call: Call }).call
}
