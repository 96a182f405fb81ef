import type { Nanodollars } from '../../shared/domain/units.ts'
import { AppError } from '../../shared/errors.ts'
import { createPool, POOL, type Pool } from '../budget/pool.ts'
import type { Clock, Random } from '../ports.ts'
import { createSharedBudgets, type BudgetTruth, type SharedBudgets } from '../state/redis/sharedBudgets.ts'
import type { State } from '../state/repositories.ts'
import type { Log } from '../telemetry/log.ts'

export interface OpenPoolOptions {
  readonly limit: Nanodollars | null
  readonly url: string | null
  readonly state: Pick<State, 'ledger' | 'instances'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface OpenedPool {
  readonly pool: Pool | null
  close(): Promise<void>
}

/** What a dead instance held is charged by whoever settles it, which takes longer than a lease in the database: only then it is given back. */
const LEASE_MS = 180_000
const BEAT_MS = 2_000
/** Within a few beats each that lives has said what it holds. */
const ANEW_MS = 8_000

/** The budget that all agents share, where one is set. */
export async function openPool({ limit, url, state, clock, random, log }: OpenPoolOptions): Promise<OpenedPool> {
  if (limit === null) return { pool: null, close: async () => {} }
  const { instances, ledger } = state
  if (url === null || instances === null) {
    throw new AppError('INVALID_CONFIGURATION', 'shared_budget is set without REDIS_URL: control rooms share a budget over Redis. Set DATABASE_URL and REDIS_URL, or unset shared_budget.')
  }
  const truthOf = async (): Promise<BudgetTruth> => ({ limit, spent: (await ledger.totals()).reduce((sum, { spent }) => sum + spent, 0) })
  const budgets: SharedBudgets = await createSharedBudgets({
    url,
    group: instances.group,
    instance: `${instances.own}:${random.hex(4)}`,
    clock,
    truthOf,
    leaseMs: LEASE_MS,
    beatMs: BEAT_MS,
    anewMs: ANEW_MS,
    onChange: (isThere, where) => {
      if (isThere) log.write({ level: 'INFO', event: 'redis.reached', msg: `The Redis server ${where} is reached.` })
      else log.write({ level: 'ERROR', event: 'redis.lost', msg: `The Redis server ${where} is lost; calls that cost money are refused until it is back.` })
    },
  })
  try {
    // Where nobody else lives, nobody holds anything that the server could have forgotten.
    if ((await instances.living()).length === 0) await budgets.begin(POOL, limit, (await truthOf()).spent)
    await budgets.setLimit(POOL, limit)
  } catch (problem) {
    await budgets.close()
    throw problem
  }
  return { pool: createPool(budgets, clock), close: () => budgets.close() }
}
