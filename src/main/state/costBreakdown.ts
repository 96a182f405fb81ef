import type { Database } from 'better-sqlite3'
import type { CostRow } from '../../shared/contract/costs.ts'
import type { CallRepository, CostRange } from './repositories.ts'

type Breakdown = CallRepository['breakdown']
type By = Parameters<Breakdown>[0]

/** Few enough that nobody notices the pause; between two steps others have their turn. */
const CALLS_AT_ONCE = 10_000

const KEYS: Readonly<Record<By, string>> = { agent: 'agent_id', model: 'model', hour: 'at / 3600000' }

type Sums = Record<Exclude<keyof CostRow, 'key'>, number>
type SumsRow = Sums & { key: string | number }

interface Filter {
  readonly agentId: string | null
  readonly from: number
  readonly until: number
}

/** Refused calls cost nothing and stand in no sum. */
export function createCostBreakdown(database: Database): Breakdown {
  const bounds = database.prepare<[Filter], { first: number | null; last: number | null }>(
    'SELECT min(seq) AS first, max(seq) AS last FROM calls INDEXED BY calls_by_time WHERE at >= @from AND at < @until',
  )
  const endOf = (condition: string) =>
    database
      .prepare<[Filter & { after: number; last: number }], number>(
        `SELECT seq FROM calls WHERE seq > @after AND seq <= @last ${condition} ORDER BY seq LIMIT 1 OFFSET ${CALLS_AT_ONCE - 1}`,
      )
      .pluck()
  const sums = (by: By, condition: string) =>
    database.prepare<[Filter & { after: number; last: number }], SumsRow>(`
      SELECT ${KEYS[by]} AS key, sum(outcome = 'answered' OR cost > 0) AS calls, sum(input_tokens) AS inputTokens,
        sum(output_tokens) AS outputTokens, sum(cached_tokens) AS cachedTokens, sum(reasoning_tokens) AS reasoningTokens, sum(cost) AS cost
      FROM calls WHERE seq > @after AND seq <= @last ${condition} AND at >= @from AND at < @until AND refusal IS NULL GROUP BY key`)
  const prepare = (condition: string) => ({
    endOf: endOf(condition),
    sums: { agent: sums('agent', condition), model: sums('model', condition), hour: sums('hour', condition) },
  })
  const [ofAll, ofOne] = [prepare(''), prepare('AND agent_id = @agentId')]

  return async (by, range) => {
    const filter = toFilter(range)
    const { endOf, sums } = filter.agentId === null ? ofAll : ofOne
    const { first, last } = bounds.get(filter) ?? { first: null, last: null }
    const found = new Map<string | number, Sums>()
    for (let after = (first ?? 0) - 1, end; last !== null && after < last; after = end) {
      end = endOf.get({ ...filter, after, last }) ?? last
      for (const { key, ...row } of sums[by].all({ ...filter, after, last: end })) found.set(key, added(found.get(key), row))
      if (end < last) await new Promise((resolve) => setImmediate(resolve))
    }
    const rows = [...found].map(([key, row]) => ({ key: nameOf(by, key), ...row }))
    return { rows: rows.sort(by === 'hour' ? byKey : byCost), total: rows.reduce((sum, { cost }) => sum + cost, 0) }
  }
}

function toFilter({ agentId, from = 0, until = Number.MAX_SAFE_INTEGER }: CostRange): Filter {
  return { agentId: agentId ?? null, from, until }
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

function nameOf(by: By, key: string | number): string {
  return by === 'hour' ? new Date(Number(key) * 3_600_000).toISOString() : String(key)
}

const byKey = (one: CostRow, other: CostRow): number => (one.key < other.key ? -1 : 1)
const byCost = (one: CostRow, other: CostRow): number => other.cost - one.cost || byKey(one, other)
