import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import type { LedgerEntry, State } from './repositories.ts'
import { changed, finished, removed } from './testEvents.ts'
import { describeStores, type Place, type TestStore } from './testStores.ts'

const clock = createTestClock()
const AGENT = 'lg-7a3f9c2d'
const OTHER = 'ot-00000001'
const CALL: CallId = 'call-7a3f9c2d01b2c3d4'
const SECOND: CallId = 'call-0000000000000002'
/** What takes the place of something, in each store's own words. */
const ENTRY = `INTO ledger (agent_id, entry, kind, at, amount) VALUES ('${AGENT}', 1,`
const REPLACING: Record<TestStore['name'], [string, string][]> = {
  SQLite: [
    [`INSERT OR REPLACE ${ENTRY} 'limit', 0, 9)`, 'the ledger is only ever appended'],
    [`REPLACE ${ENTRY} 'settle', 0, 9)`, 'a reservation is settled once'],
  ],
  PostgreSQL: [
    [`INSERT ${ENTRY} 'limit', 0, 9) ON CONFLICT DO NOTHING`, 'the ledger is only ever appended'],
    [`INSERT ${ENTRY} 'settle', 0, 9) ON CONFLICT (agent_id, entry, kind) DO UPDATE SET amount = 0`, 'a reservation is settled once'],
    ['TRUNCATE ledger', 'the ledger is kept'],
    ['TRUNCATE calls', 'calls are kept'],
  ],
}

type Kind<K> = Partial<Extract<LedgerEntry, { kind: K }>>
const limit = (amount: number, agentId = AGENT): LedgerEntry => ({ kind: 'limit', agentId, at: 1, amount })
const raise = (amount: number): LedgerEntry => ({ kind: 'raise', agentId: AGENT, at: 2, amount, actor: 'owner', reason: 'It does well.' })
const reserve = (amount: number, rest: Kind<'reserve'> = {}): LedgerEntry => ({
  kind: 'reserve',
  agentId: AGENT,
  at: 3,
  callId: CALL,
  attempt: 1,
  model: 'gpt-4',
  amount,
  ...rest,
})
describeStores('ledger', (store) => {
  let place: Place
  let state: State

  beforeEach(async () => {
    place = await store.make()
    state = await place.open({ clock })
  })
  afterEach(() => state.close())

  const append = async (...entries: LedgerEntry[]): Promise<void> => state.ledger.append(entries)
  const finish = (call: Call): Promise<unknown> => state.events.append([{ announcement: finished(call), at: clock.now() }])

  /** A settlement shows the call of its reservation. */
  const ALL_ENTRIES = `
    SELECT kind, max(call_id) OVER place AS call_id, max(attempt) OVER place AS attempt, amount FROM ledger
    WINDOW place AS (PARTITION BY agent_id, entry) ORDER BY at, entry, kind`

  const rows = async (): Promise<unknown[]> => (await place.rows(ALL_ENTRIES)).map((row) => Object.values(row))

  describe('the ledger', () => {
    it('derives what there is and what is spent from its entries, each agent by itself', async () => {
      await append(limit(50), limit(7, OTHER))
      await append(raise(25))
      await append(reserve(10))
      await append(reserve(20, { callId: SECOND }))
      await finish(sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt(4) })] }))
      expect(await state.ledger.totals()).toEqual([
        { agentId: AGENT, limit: 75, spent: 4, raises: 1, calls: 1 },
        { agentId: OTHER, limit: 7, spent: 0, raises: 0, calls: 0 },
      ])
      expect(await state.ledger.openReservations()).toEqual([{ agentId: AGENT, callId: SECOND, attempt: 1, model: 'gpt-4', at: 3, amount: 20 }])
    })

    it('takes nothing, and keeps a nothing that was reserved and charged', async () => {
      await append()
      await append(reserve(0))
      expect(await state.ledger.openReservations()).toMatchObject([{ callId: CALL, amount: 0 }])
      await finish(sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt(0) })] }))
      expect(await rows()).toHaveLength(2)
      expect(await state.ledger.openReservations()).toEqual([])
    })

    it('has stored an entry when append returns: a crash takes nothing back', async () => {
      await append(limit(50), reserve(10))
      await place.kill(state)
      state = await place.open({ clock })
      expect(await state.ledger.totals()).toMatchObject([{ limit: 50, spent: 0 }])
      expect(await state.ledger.openReservations()).toMatchObject([{ callId: CALL, amount: 10 }])
    })

    it.each<[string, LedgerEntry[]]>([
      ['a reservation twice', [reserve(10)]],
      ['a reservation twice among others', [reserve(1, { attempt: 2 }), limit(1), reserve(1, { attempt: 2 })]],
      ['a reservation that another agent has', [reserve(10, { agentId: OTHER })]],
      ['an amount below zero', [limit(-1)]],
      ['an amount that is not whole', [limit(0.5)]],
    ])('refuses %s loudly, and takes all or none', async (_what, entries) => {
      await append(reserve(10))
      const before = await rows()
      await expect(append(raise(1), ...entries)).rejects.toThrow()
      expect(await rows()).toEqual(before)
      await append(raise(1))
      expect(await rows()).toHaveLength(2)
    })

    it('refuses with a sentence after closing', async () => {
      await state.close()
      await expect(append(limit(1))).rejects.toThrow('is closed because the control room is stopping')
      await expect(state.ledger.totals()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    })

    it.each<[string, string | RegExp]>([
      ['UPDATE ledger SET amount = 0', 'the ledger is never changed'],
      ['DELETE FROM ledger', 'the ledger is kept'],
      ...REPLACING[store.name],
      [`INSERT INTO ledger (agent_id, entry, kind, at, amount) VALUES ('${OTHER}', 2, 'settle', 0, 9)`, 'a reservation is settled once'],
      [`INSERT INTO ledger (agent_id, entry, kind, at, amount) VALUES ('${AGENT}', 9, 'gift', 0, 9)`, /check constraint/i],
      [`INSERT INTO ledger (agent_id, entry, kind, at, amount) VALUES ('${AGENT}', 9, 'reserve', 0, 9)`, /check constraint/i],
      ['UPDATE calls SET at = 0', 'calls are never changed'],
      ['UPDATE call_costs SET cost = 0', 'calls are never changed'],
      ['DELETE FROM call_costs', 'calls are kept'],
      ['DELETE FROM calls', 'calls are kept'],
    ])('is append-only in the database itself: %s', async (sql, reason) => {
      await append(reserve(60_000_000))
      await finish(sampleCall())
      await append(reserve(10, { callId: SECOND }))
      const before = await rows()
      await expect(place.change(sql)).rejects.toThrow(reason)
      expect(await rows()).toEqual(before)
    })
  })

  describe('a finished call', () => {
    it('is charged in the very transaction of its event', async () => {
      await append(limit(100_000_000), reserve(60_000_000))
      await finish(sampleCall())
      expect((await rows()).slice(1)).toEqual([
        ['reserve', CALL, 1, 60_000_000],
        ['settle', CALL, 1, 30_000_000],
      ])
      expect(await state.ledger.totals()).toEqual([{ agentId: AGENT, limit: 100_000_000, spent: 30_000_000, raises: 0, calls: 1 }])
      expect(await state.calls.get(CALL)).toEqual(sampleCall())
      expect(await state.ledger.openReservations()).toEqual([])
    })

    it('is charged for every attempt, also beyond what was reserved', async () => {
      await append(reserve(10), reserve(10, { attempt: 2 }), reserve(10, { attempt: 3 }))
      await finish(
        sampleCall({
          attempts: [
            sampleAttempt({ status: 429, receipt: null }),
            sampleAttempt({ status: 500, receipt: sampleReceipt(3) }),
            sampleAttempt({ receipt: sampleReceipt(12) }),
          ],
        }),
      )
      expect((await rows()).slice(3)).toEqual([
        ['settle', CALL, 1, 0],
        ['settle', CALL, 2, 3],
        ['settle', CALL, 3, 12],
      ])
      expect(await state.ledger.totals()).toMatchObject([{ spent: 15, calls: 1 }])
    })

    it('gives back what was held for an attempt that never left', async () => {
      await append(reserve(10))
      await finish(sampleCall({ outcome: 'cancelled', status: null, attempts: [], usage: {} }))
      expect((await rows()).at(-1)).toEqual(['settle', CALL, 1, 0])
      expect(await state.ledger.totals()).toMatchObject([{ spent: 0, calls: 0 }])
    })

    it('that was refused, or costs nothing, needs no reservation', async () => {
      await append(limit(5))
      await finish(sampleCall({ outcome: 'refused', refusal: 'budget', status: 402, attempts: [], usage: {} }))
      await finish(sampleCall({ id: SECOND, endpoint: 'models', model: '', attempts: [sampleAttempt({ reserved: 0, receipt: null })], usage: {} }))
      expect(await rows()).toHaveLength(1)
      expect(await state.ledger.totals()).toMatchObject([{ spent: 0, calls: 1 }])
    })

    it.each<[string, () => Call]>([
      ['whose cost is not the sum of its receipts', () => sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt(3) })], cost: 4 })],
      [
        'with a charge that nothing was reserved for',
        () => sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt(3) }), sampleAttempt({ receipt: sampleReceipt(1) })] }),
      ],
      ['of another agent', () => sampleCall({ agentId: OTHER, attempts: [sampleAttempt({ receipt: sampleReceipt(1) })] })],
    ])('%s is a defect, and neither event nor row nor charge is stored', async (_what, call) => {
      await append(limit(50), reserve(10))
      const before = await rows()
      await expect(finish(call())).rejects.toThrow()
      expect(await rows()).toEqual(before)
      expect(await state.events.after(0, 10)).toEqual([])
      expect(await state.calls.get(CALL)).toBeNull()
      expect(await state.ledger.totals()).toMatchObject([{ spent: 0, calls: 0 }])
      expect(await state.ledger.openReservations()).toMatchObject([{ callId: CALL }])
      await finish(sampleCall({ attempts: [sampleAttempt({ receipt: sampleReceipt(3) })] }))
      expect(await state.ledger.totals()).toMatchObject([{ spent: 3, calls: 1 }])
    })

    it('that is taken back with a batch is charged when it comes again', async () => {
      await append(reserve(60_000_000))
      const unstorable = changed(sampleAgent({ createdAt: null as never }))
      const batch = [finished(sampleCall()), unstorable].map((announcement) => ({ announcement, at: 1 }))
      await expect(state.events.append(batch)).rejects.toThrow()
      await finish(sampleCall())
      expect(await state.ledger.totals()).toMatchObject([{ spent: 30_000_000, calls: 1 }])
    })

    it('is finished once, and nothing is reserved for it after', async () => {
      await append(reserve(60_000_000))
      await finish(sampleCall())
      await expect(finish(sampleCall())).rejects.toThrow('costs 30000000')
      await expect(finish(sampleCall({ attempts: [], usage: {} }))).rejects.toThrow(/unique/i)
      await expect(append(reserve(1, { attempt: 2 }))).rejects.toThrow('the call is finished')
      expect(await state.ledger.totals()).toMatchObject([{ spent: 30_000_000, calls: 1 }])
      expect(await state.ledger.openReservations()).toEqual([])
    })

    it('outlives its agent and its event: it is the bill', async () => {
      await append(limit(1), reserve(60_000_000))
      await state.events.append([{ announcement: changed(sampleAgent({ id: AGENT })), at: 1 }])
      await finish(sampleCall())
      await state.events.append([{ announcement: removed(AGENT), at: clock.now() }])
      expect(await state.events.forgetBefore(clock.now() + 1)).toBe(3)
      expect(await state.ledger.totals()).toMatchObject([{ spent: 30_000_000 }])
      expect(await state.calls.get(CALL)).toEqual(sampleCall())
    })
  })
})
