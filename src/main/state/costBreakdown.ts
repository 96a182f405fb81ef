import type { Database } from 'better-sqlite3'
import type { CostRow } from '../../shared/contract/costs.ts'
import { nextTurn } from '../nextTurn.ts'
import type { CallRepository } from './repositories.ts'

type Breakdown = CallRepository['breakdown']
type By = Parameters<Breakdown>[0]

/** Few enough that nobody notices the pause; between two steps others have their turn. */
const CALLS_AT_ONCE = 10_000

const KEYS: Readonly<Record<By, string>> = { agent: 'agent_id', model: 'model', hour: 'at / 3600000' }

type Sums = Record<Exclude<keyof CostRow, 'key'>, number>
type SumsRow = Sums & { key: string | number }

/** A place among the costs, which lie by agent, then in order of events. */
interface Place {
  readonly agent: string
  readonly seq: number
}

interface Step {
  readonly after: string
  readonly afterSeq: number
  readonly end: string
  readonly endSeq: number
}

interface Span {
  readonly from: number
  readonly until: number
  readonly latest: number
}

/** Refused calls stand in no sum, unless something was charged before; what happens while it is summed does not either. */
export function createCostBreakdown(database: Database, callsAtOnce = CALLS_AT_ONCE): Breakdown {
  const lastOf = database.prepare<[string], Place>('SELECT agent_id AS agent, seq FROM call_costs WHERE agent_id = ? ORDER BY seq DESC LIMIT 1')
  const lastOfAll = database.prepare<[], Place>('SELECT agent_id AS agent, seq FROM call_costs ORDER BY agent_id DESC, seq DESC LIMIT 1')
  const latest = database.prepare<[], number | null>('SELECT max(seq) FROM calls').pluck()
  const endOfStep = database.prepare<[Step], Place>(`
    SELECT agent_id AS agent, seq FROM call_costs WHERE (agent_id, seq) > (@after, @afterSeq) AND (agent_id, seq) <= (@end, @endSeq)
    ORDER BY agent_id, seq LIMIT 1 OFFSET ${callsAtOnce - 1}`)
  const sumsOf = (by: By) =>
    database.prepare<[Step & Span], SumsRow>(`
      SELECT ${KEYS[by]} AS key, sum(outcome = 'answered' OR cost > 0) AS calls, sum(input_tokens) AS inputTokens,
        sum(output_tokens) AS outputTokens, sum(cached_tokens) AS cachedTokens, sum(reasoning_tokens) AS reasoningTokens, sum(cost) AS cost
      FROM call_costs
      WHERE (agent_id, seq) > (@after, @afterSeq) AND (agent_id, seq) <= (@end, @endSeq) AND seq <= @latest
        AND at >= @from AND at < @until AND (refusal IS NULL OR cost > 0)
      GROUP BY key`)
  const sums = { agent: sumsOf('agent'), model: sumsOf('model'), hour: sumsOf('hour') }

  return async (by, { agentId, from = 0, until = Number.MAX_SAFE_INTEGER }) => {
    const found = new Map<string | number, Sums>()
    const last = agentId === undefined ? lastOfAll.get() : lastOf.get(agentId)
    const range = { from, until, latest: latest.get() ?? 0 }
    let place: Place = { agent: agentId ?? '', seq: 0 }
    while (last !== undefined) {
      const step = { after: place.agent, afterSeq: place.seq, end: last.agent, endSeq: last.seq }
      place = endOfStep.get(step) ?? last
      for (const { key, ...row } of sums[by].all({ ...step, ...range, end: place.agent, endSeq: place.seq })) {
        found.set(key, added(found.get(key), row))
      }
      if (place.agent === last.agent && place.seq === last.seq) break
      await nextTurn()
    }
    const rows = [...found].map(([key, row]) => ({ key: nameOf(by, key), ...row }))
    return { rows: rows.sort(by === 'hour' ? byKey : byCost), total: rows.reduce((sum, { cost }) => sum + cost, 0) }
  }
}

function added(one: Sums | undefined, other: Sums): Sums {
  if (one === undefined) return other
  return {
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    cost: one.cost + other.cost,
  }
}

export function nameOf(by: By, key: string | number): string {
  return by === 'hour' ? new Date(Number(key) * 3_600_000).toISOString() : String(key)
}

export const byKey = (one: CostRow, other: CostRow): number => (one.key < other.key ? -1 : 1)
export const byCost = (one: CostRow, other: CostRow): number => other.cost - one.cost || byKey(one, other)
