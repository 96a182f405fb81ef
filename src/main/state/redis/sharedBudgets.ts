import { AppError } from '../../../shared/errors.ts'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { CallId } from '../../../shared/domain/llm.ts'
import type { Millis, Nanodollars } from '../../../shared/domain/units.ts'
import type { Clock, Timer } from '../../ports.ts'
import type { ScriptName } from './budgetScripts.ts'
import { addressOfRedis, connectRedis, redisError, type RedisConnection } from './redisConnection.ts'

export interface Hold {
  readonly budget: AgentId
  readonly callId: CallId
  readonly attempt: number
  readonly amount: Nanodollars
}

export type ShareVerdict =
  | { readonly outcome: 'held' }
  /** It does not fit at this moment; what is reserved may come back. */
  | { readonly outcome: 'exceeded'; readonly limit: Nanodollars; readonly spent: Nanodollars; readonly reserved: Nanodollars }

/** What a budget is according to the ledger: the server only counts what is under way. */
export interface BudgetTruth {
  readonly limit: Nanodollars
  readonly spent: Nanodollars
}

/** Budgets of which several instances spend at once. Whatever cannot be asked of the server is refused with UNAVAILABLE. */
export interface SharedBudgets {
  /** One of which nobody holds anything; what is known of it already stays. */
  begin(budget: AgentId, limit: Nanodollars, spent?: Nanodollars): Promise<void>
  setLimit(budget: AgentId, limit: Nanodollars): Promise<void>
  raise(budget: AgentId, by: Nanodollars): Promise<void>
  reserve(hold: Hold): Promise<ShareVerdict>
  /** Charges what is in the ledger by now, and gives the rest back. Where the server is away it is told once it is back. */
  settle(hold: Hold, charged: Nanodollars): Promise<void>
  totals(budget: AgentId): Promise<(BudgetTruth & { readonly reserved: Nanodollars }) | null>
  /** Gives back what this instance holds, and what dead ones held. */
  close(): Promise<void>
}

export interface SharedBudgetsOptions {
  readonly url: string
  /** Names what belongs to those who share it. */
  readonly group: string
  /** Another for each start of each instance. */
  readonly instance: string
  readonly clock: Clock
  readonly truthOf: (budget: AgentId) => Promise<BudgetTruth | null>
  readonly onChange?: (isThere: boolean, where: string) => void
  readonly leaseMs?: Millis
  /** How often it says that it lives. */
  readonly beatMs?: Millis
  /** How long nobody spends of what a server that began anew was told: each living instance has said by then what it holds. */
  readonly anewMs?: Millis
  readonly patienceMs?: Millis
}

const NAME = 'iron_cage'

export async function createSharedBudgets(options: SharedBudgetsOptions): Promise<SharedBudgets> {
  const { url, group, instance, clock, truthOf, onChange, leaseMs = 15_000, beatMs = Math.floor(leaseMs / 3), anewMs = leaseMs, patienceMs = 2_000 } = options
  const where = addressOfRedis(url)
  const holds = new Map<string, Hold & { run: string }>()
  /** Settled, and the server does not know it yet. */
  const owed = new Map<string, { readonly hold: Hold; readonly charged: Nanodollars; readonly run: string }>()
  /** What the server forgets unless somebody says that it is used. */
  const used = new Set<AgentId>()
  let connection: RedisConnection | null = null
  let joining: Promise<RedisConnection> | null = null
  let timer: Timer | null = null
  let isClosed = false

  const prefixOf = ({ run }: RedisConnection): string => `${NAME}:${group}:${run}`
  const run = (on: RedisConnection, name: ScriptName, ...values: (string | number)[]): Promise<unknown> => on.script(name, prefixOf(on), ...values)

  /** Begins a lease with what is held, and pays what is owed. */
  async function join(): Promise<RedisConnection> {
    const on = connection ?? (await connectRedis(url, clock, patienceMs))
    try {
      await enter(on)
    } catch (problem) {
      if (connection !== on) on.close()
      throw problem
    }
    if (connection !== on) {
      connection = on
      void on.ended.then(() => lost(on))
      onChange?.(true, where)
    }
    return on
  }

  async function enter(on: RedisConnection): Promise<void> {
    for (const budget of new Set([...holds.values()].map((hold) => hold.budget))) await declare(on, budget)
    await run(on, 'join', instance, leaseMs, ...[...holds].flatMap(([name, { amount }]) => [name, amount]))
    for (const hold of holds.values()) hold.run = on.run
    await payAll(on)
  }

  async function payAll(on: RedisConnection): Promise<void> {
    for (const name of [...owed.keys()]) await pay(on, name)
  }

  function lost(on: RedisConnection): void {
    if (connection !== on) return
    connection = null
    if (!isClosed) onChange?.(false, where)
  }

  /** A lease of this instance at the server, begun anew where there is none. */
  async function joined(): Promise<RedisConnection> {
    if (isClosed) throw redisError(where, 'the control room is stopping')
    return connection ?? rejoin()
  }

  function rejoin(): Promise<RedisConnection> {
    return (joining ??= join().finally(() => {
      joining = null
    }))
  }

  async function pay(on: RedisConnection, name: string): Promise<void> {
    const debt = owed.get(name)
    if (!debt) return
    const { hold, charged } = debt
    const isKnown = debt.run === on.run && (await run(on, 'settle', instance, hold.budget, name, charged)) === 'charged'
    // A server that has begun anew was told by the ledger, perhaps before this was in it.
    if (!isKnown) await learn(on, hold.budget)
    owed.delete(name)
  }

  async function learn(on: RedisConnection, budget: AgentId): Promise<void> {
    for (;;) {
      await declare(on, budget)
      const [, , , settles = 0] = (await run(on, 'totals', budget)) as number[]
      const truth = await truthOf(budget)
      if (truth === null || (await run(on, 'learn', budget, truth.spent, settles)) === 1) return
    }
  }

  /** Nobody spends of it until every instance has had the time to say what it holds, or has died. */
  async function declare(on: RedisConnection, budget: AgentId): Promise<void> {
    const truth = await truthOf(budget)
    if (truth === null) throw new AppError('AGENT_NOT_FOUND', `There is no budget of ${budget}.`)
    await run(on, 'declare', budget, truth.limit, truth.spent, anewMs)
  }

  async function beat(): Promise<void> {
    const on = await joined()
    if ((await run(on, 'renew', instance, leaseMs, ...used)) !== 1) await rejoin()
    // What the server refused when it was settled.
    await payAll(on)
    await run(on, 'reap')
  }

  function keepAlive(): void {
    timer = clock.after(beatMs, () => {
      // Who asks meanwhile is refused by himself.
      beat().catch(() => {}).finally(() => {
        if (!isClosed) keepAlive()
      })
    })
  }

  async function ask(hold: Hold, name: string): Promise<[string, number, number, number]> {
    for (let tries = 0; ; tries++) {
      const on = await joined()
      const answer = (await run(on, 'reserve', instance, hold.budget, name, hold.amount)) as [string, number, number, number]
      if (tries > 2) return answer
      if (answer[0] === 'lapsed') await rejoin()
      else if (answer[0] === 'unknown') await declare(on, hold.budget)
      else return answer
    }
  }

  await rejoin()
  keepAlive()

  return {
    async begin(budget, limit, spent = 0) {
      used.add(budget)
      await run(await joined(), 'declare', budget, limit, spent, 0)
    },
    async setLimit(budget, limit) {
      await run(await joined(), 'limit', budget, limit)
    },
    async raise(budget, by) {
      const on = await joined()
      // Where it is not known, it will be declared from the ledger, with the raise in it.
      await run(on, 'raise', budget, by)
    },
    async reserve(hold) {
      const name = nameOf(hold)
      used.add(hold.budget)
      const [outcome, limit, spent, reserved] = await ask(hold, name)
      if (outcome === 'exceeded') return { outcome, limit, spent, reserved }
      if (outcome !== 'held') {
        throw new AppError('UNAVAILABLE', `The Redis server ${where} has begun anew; calls are let through again once every instance has said what it holds.`, { problem: 'redis', server: where })
      }
      holds.set(name, { ...hold, run: connection?.run ?? '' })
      return { outcome }
    },
    async settle(hold, charged) {
      const name = nameOf(hold)
      owed.set(name, { hold, charged, run: holds.get(name)?.run ?? '' })
      holds.delete(name)
      if (connection !== null) await pay(connection, name).catch(() => {})
    },
    async totals(budget) {
      const [limit, spent, reserved] = (await run(await joined(), 'totals', budget)) as number[]
      return limit === undefined || spent === undefined || reserved === undefined ? null : { limit, spent, reserved }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      timer?.cancel()
      await joining?.catch(() => {})
      const on = connection
      if (on) await run(on, 'leave', instance).catch(() => {})
      on?.close()
    },
  }
}

function nameOf({ budget, callId, attempt }: Hold): string {
  return `${budget} ${callId} ${attempt}`
}
