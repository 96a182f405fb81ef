import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CallId } from '../../../shared/domain/llm.ts'
import { systemClock } from '../../systemPorts.ts'
import { connectRedis } from './redisConnection.ts'
import { createSharedBudgets, type BudgetTruth, type Hold, type SharedBudgets, type SharedBudgetsOptions } from './sharedBudgets.ts'
import { hasRedis, REDIS_PASSWORD, startRedis, type TestRedis } from './testRedis.ts'

const BUDGET = 'lg-7a3f9c2d'
const isHere = hasRedis()
/** For those who wait for the end of one; all others have one that outlasts their test. */
const brief = { leaseMs: 600 }
/** As a lease of fifteen seconds has it. */
const BEAT_MS = 5_000
/** Time goes on, and nobody does anything by himself. */
const asleep = { ...systemClock, after: () => ({ cancel: () => {} }) }

describe('an address', () => {
  it.each([['http://:invented-password@host'], ['redis://:invented-password@host:none'], ['invented-password']])('that is none is refused without being said: %#', async (url) => {
    const problem = await createSharedBudgets({ group: 'invented', url, instance: 'a', clock: systemClock, truthOf: async () => null }).catch((refused: unknown) => refused)
    expect(problem).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/^REDIS_URL is no address/) })
    expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toContain('invented-password')
  })
})

describe.skipIf(!isHere)(`budgets of several instances, in Redis${isHere ? '' : ' (not installed here: redis-server)'}`, () => {
  let server: TestRedis
  /** As the ledger has it. */
  let truth: BudgetTruth
  let instances: SharedBudgets[]
  let number: number
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    truth = { limit: 0, spent: 0 }
    instances = []
    number = 0
  })
  afterEach(async () => {
    await Promise.all(instances.map((one) => one.close()))
    // Another run: what a test has left behind is nobody's.
    await server.restart()
  })

  async function open(instance: string, options: Partial<SharedBudgetsOptions> = {}): Promise<SharedBudgets> {
    const budgets = await createSharedBudgets({ url: server.url, group: 'invented', instance, clock: systemClock, truthOf: async () => truth, patienceMs: 2_000, ...options })
    instances.push(budgets)
    return budgets
  }
  const hold = (amount: number): Hold => ({ budget: BUDGET, callId: `call-${(++number).toString(16).padStart(16, '0')}` as CallId, attempt: 1, amount })
  async function begin(on: SharedBudgets, limit: number): Promise<void> {
    truth = { limit, spent: 0 }
    await on.begin(BUDGET, limit)
  }
  /** As a room does: into the ledger first. */
  async function settle(on: SharedBudgets, held: Hold, charged: number): Promise<void> {
    truth = { ...truth, spent: truth.spent + charged }
    await on.settle(held, charged)
  }
  /** Asks until it is answered otherwise than that the server is away or begins anew. */
  async function held(on: SharedBudgets, wanted: Hold): Promise<string> {
    for (;;) {
      try {
        return (await on.reserve(wanted)).outcome
      } catch (problem) {
        expect(problem).toMatchObject({ code: 'UNAVAILABLE' })
      }
      await new Promise((resolve) => systemClock.after(20, () => resolve(null)))
    }
  }

  /** Says that it lives when it is told to. */
  function manual(): { readonly clock: typeof systemClock; beat(): Promise<void> } {
    let waiting: (() => void) | null = null
    let onNext = (): void => {}
    const after: typeof systemClock.after = (ms, action) => {
      // Whoever waits for an answer does so by the true clock.
      if (ms !== BEAT_MS) return systemClock.after(ms, action)
      waiting = action
      onNext()
      return { cancel: () => {} }
    }
    return {
      clock: { ...systemClock, after },
      beat: () =>
        new Promise((resolve) => {
          onNext = resolve
          waiting?.()
        }),
    }
  }

  it('two instances, one budget, a hundred calls at once: never over, and all that fits', async () => {
    const [one, other] = [await open('one'), await open('other')]
    await begin(one, 1_000)
    const calls = Array.from({ length: 100 }, (_, index) => ({ on: index % 2 === 0 ? one : other, held: hold(30) }))
    const verdicts = await Promise.all(calls.map(async (call) => ({ ...call, verdict: await call.on.reserve(call.held) })))
    const admitted = verdicts.filter(({ verdict }) => verdict.outcome === 'held')
    expect(admitted).toHaveLength(33)
    expect(await one.totals(BUDGET)).toEqual({ limit: 1_000, spent: 0, reserved: 990 })
    await Promise.all(admitted.map(({ on, held: of }, index) => settle(on, of, index % 31)))
    const spent = admitted.reduce((sum, _, index) => sum + (index % 31), 0)
    expect(await other.totals(BUDGET)).toEqual({ limit: 1_000, spent, reserved: 0 })
  })

  it('goes on and on, settling and reserving at random, and is never over at any moment', async () => {
    const [one, other] = [await open('one'), await open('other')]
    await begin(one, 500)
    let worst = 0
    const agent = async (on: SharedBudgets, place: number): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        const wanted = hold(10 + ((place * 7 + round * 3) % 40))
        if ((await on.reserve(wanted)).outcome !== 'held') continue
        const { spent, reserved } = (await on.totals(BUDGET)) ?? { spent: 0, reserved: 0 }
        worst = Math.max(worst, spent + reserved)
        await settle(on, wanted, round % 3 === 0 ? wanted.amount : 0)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, place) => agent(place % 2 === 0 ? one : other, place)))
    const totals = await one.totals(BUDGET)
    expect(totals).toEqual({ limit: 500, spent: truth.spent, reserved: 0 })
    expect(worst).toBeLessThanOrEqual(500)
    expect(truth.spent).toBeGreaterThan(0)
  })

  it('a raise counts for everybody, a call asked for twice is held once, one settled twice charged once', async () => {
    const [one, other] = [await open('one'), await open('other')]
    await begin(one, 100)
    const first = hold(90)
    expect(await one.reserve(first)).toEqual({ outcome: 'held' })
    expect(await one.reserve(first)).toEqual({ outcome: 'held' })
    expect(await other.reserve(hold(20))).toEqual({ outcome: 'exceeded', limit: 100, spent: 0, reserved: 90 })
    await one.raise(BUDGET, 50)
    expect(await other.reserve(hold(20))).toEqual({ outcome: 'held' })
    await settle(one, first, 40)
    await one.settle(first, 40)
    expect(await other.totals(BUDGET)).toEqual({ limit: 150, spent: 40, reserved: 20 })
  })

  it('counts up to the last nanodollar of the largest budget', async () => {
    const one = await open('one')
    const largest = 1_000_000_000_000_000
    await begin(one, largest)
    expect(await one.reserve(hold(largest - 1))).toEqual({ outcome: 'held' })
    expect(await one.reserve(hold(2))).toEqual({ outcome: 'exceeded', limit: largest, spent: 0, reserved: largest - 1 })
    expect(await one.reserve(hold(1))).toEqual({ outcome: 'held' })
    expect(await one.totals(BUDGET)).toEqual({ limit: largest, spent: 0, reserved: largest })
  })

  it('what an instance held that died is given back once its lease has ended; what one held that went, at once', async () => {
    const [one, dead] = [await open('one', brief), await open('dead', { ...brief, clock: asleep })]
    const gone = await open('gone', brief)
    await begin(one, 100)
    expect([await dead.reserve(hold(60)), await gone.reserve(hold(40))]).toEqual([{ outcome: 'held' }, { outcome: 'held' }])
    await gone.close()
    expect(await one.reserve(hold(50))).toMatchObject({ outcome: 'exceeded', reserved: 60 })
    const wanted = hold(100)
    for (let outcome = ''; outcome !== 'held'; ) outcome = (await one.reserve(wanted)).outcome
    expect(await one.totals(BUDGET)).toMatchObject({ reserved: 100 })
  })

  it('a call that costs nothing stands in nobody\'s way when what its instance held is given back', async () => {
    const [before, one] = [await open('again', { clock: asleep }), await open('one')]
    await begin(one, 100)
    await before.reserve(hold(0))
    await before.reserve(hold(60))
    const settled = hold(0)
    await before.reserve(settled)
    await settle(before, settled, 0)
    await open('again')
    expect(await one.totals(BUDGET)).toEqual({ limit: 100, spent: 0, reserved: 0 })
  })

  it('is not forgotten by the server while an instance lives, however long no call is made', async () => {
    const beats = manual()
    const one = await open('one', { clock: beats.clock, group: 'quiet' })
    await begin(one, 100)
    await one.reserve(hold(60))
    const names = JSON.parse(await server.ask(['EVAL', `return cjson.encode(redis.call('KEYS', 'iron_cage:quiet:*'))`, '0'])) as string[]
    expect(names).toHaveLength(3)
    for (const name of names) await server.ask(['PEXPIRE', name, '3600000'])
    await beats.beat()
    for (const name of names) expect(Number(await server.ask(['PTTL', name])), name).toBeGreaterThan(3_600_000)
  })

  it('one that comes back after its lease holds again what it held, and is charged for it', async () => {
    const one = await open('one', brief)
    let isAsleep = true
    const sleeper = await open('sleeper', { ...brief, clock: { ...systemClock, after: (ms, action) => systemClock.after(ms, () => void (isAsleep || action())) } })
    await begin(one, 100)
    const slept = hold(60)
    await sleeper.reserve(slept)
    const wanted = hold(50)
    for (let outcome = ''; outcome !== 'held'; ) outcome = (await one.reserve(wanted)).outcome
    isAsleep = false
    expect(await sleeper.reserve(hold(1))).toMatchObject({ outcome: 'exceeded', reserved: 110 })
    await settle(sleeper, slept, 60)
    expect(await one.totals(BUDGET)).toEqual({ limit: 100, spent: 60, reserved: 50 })
  })

  describe('when the server', () => {
    it('is away, every call is refused; once it is back, what was settled meanwhile is charged and what is held is held', async () => {
      const told: boolean[] = []
      const one = await open('one', { ...brief, onChange: (isThere) => told.push(isThere) })
      await begin(one, 100)
      const [kept, over] = [hold(30), hold(40)]
      await one.reserve(kept)
      await one.reserve(over)
      await server.kill()
      await expect(one.reserve(hold(1))).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/^The Redis server 127\.0\.0\.1:\d+ cannot be reached/) })
      await settle(one, over, 25)
      await server.start()
      expect(await held(one, hold(45))).toBe('held')
      expect(await one.totals(BUDGET)).toEqual({ limit: 100, spent: 25, reserved: 75 })
      expect(await one.reserve(hold(1))).toMatchObject({ outcome: 'exceeded' })
      expect(told).toEqual([true, false, true])
    })

    it('begins anew, nobody spends before each has said what he holds', async () => {
      const [one, other] = [await open('one', brief), await open('other', brief)]
      await begin(one, 100)
      await other.reserve(hold(80))
      await server.restart()
      expect(await held(one, hold(20))).toBe('held')
      expect(await one.reserve(hold(1))).toEqual({ outcome: 'exceeded', limit: 100, spent: 0, reserved: 100 })
    })

    it('begins anew, what was settled after another has told it what is spent is not forgotten', async () => {
      const [one, other] = [await open('one', { ...brief, clock: asleep }), await open('other', brief)]
      await begin(one, 100)
      const over = hold(40)
      await one.reserve(over)
      await server.restart()
      await expect(other.reserve(hold(1))).rejects.toMatchObject({ message: expect.stringContaining('has begun anew') })
      await settle(one, over, 25)
      expect(await held(one, hold(75))).toBe('held')
      expect(await other.totals(BUDGET)).toEqual({ limit: 100, spent: 25, reserved: 75 })
    })

    it('heard a settlement and its answer was lost, that is charged once', async () => {
      const one = await open('one', { patienceMs: 500 })
      await begin(one, 100)
      const [before, over] = [hold(1), hold(40)]
      await one.reserve(before)
      // The server knows the script from here on, and does it when it hears of it.
      await settle(one, before, 0)
      await one.reserve(over)
      server.pause()
      await settle(one, over, 25)
      server.resume()
      expect(await held(one, hold(75))).toBe('held')
      expect(await one.totals(BUDGET)).toEqual({ limit: 100, spent: 25, reserved: 75 })
    })

    it('is there and says nothing, it is given up after a while', async () => {
      const one = await open('one', { patienceMs: 500 })
      await begin(one, 100)
      server.pause()
      await expect(one.reserve(hold(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      // A new connection is taken by the system, and nobody speaks on it.
      await expect(one.reserve(hold(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      server.resume()
      expect(await held(one, hold(1))).toBe('held')
    })

    it('refuses to write, that is said, and what was settled meanwhile is charged as soon as it writes again', async () => {
      const beats = manual()
      const one = await open('one', { clock: beats.clock })
      await begin(one, 100)
      const over = hold(40)
      await one.reserve(over)
      await server.ask(['CONFIG', 'SET', 'maxmemory', '1'])
      await settle(one, over, 25)
      await expect(one.reserve(hold(1))).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/^The Redis server 127\.0\.0\.1:\d+ refuses what it is asked \(OOM\)/) })
      await server.ask(['CONFIG', 'SET', 'maxmemory', '0'])
      await beats.beat()
      expect(await one.totals(BUDGET)).toEqual({ limit: 100, spent: 25, reserved: 0 })
    })

    it('is back and the ledger is not, no connection is left behind', async () => {
      let isLedgerThere = true
      const one = await open('one', {
        clock: asleep,
        truthOf: async () => {
          if (!isLedgerThere) throw new Error('invented')
          return truth
        },
      })
      await begin(one, 100)
      await one.reserve(hold(10))
      await server.restart()
      isLedgerThere = false
      for (let tries = 0; tries < 3; tries++) await expect(one.reserve(hold(1))).rejects.toThrow()
      isLedgerThere = true
      expect(await server.connections()).toBe(0)
    })

    it('knows us not, that is said without the password', async () => {
      const url = server.url.replace(REDIS_PASSWORD, 'invented-wrong-password')
      const problem = await connectRedis(url, systemClock, 2_000).catch((refused: unknown) => refused)
      expect(problem).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('(WRONGPASS)') })
      expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toContain('invented')
    })
  })
})
