import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import { createTestClock } from '../access/testClock.ts'
import { createCallRepository } from './callRepository.ts'
import { createCostBreakdown } from './costBreakdown.ts'
import { openDatabase } from './openDatabase.ts'
import { migrations } from './migrations/all.ts'
import { openState } from './openState.ts'
import type { State } from './repositories.ts'
import { finished, note } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'
import { describeStores, type Place } from './testStores.ts'

const folders = useTestFolders()
const clock = createTestClock()
const AGENT = 'lg-7a3f9c2d'
const OTHER = 'ot-00000001'
const HOUR = 3_600_000
const idOf = (number: number): CallId => `call-${number.toString(16).padStart(16, '0')}`

async function keep(state: State, call: Call, at = 1): Promise<void> {
  const { agentId, id: callId, model } = call
  await state.ledger.append(call.attempts.map(({ reserved }, index) => ({ kind: 'reserve', agentId, at, callId, attempt: index + 1, model, amount: reserved })))
  await state.events.append([{ announcement: finished(call), at }])
}
const priced = (total: number): Partial<Call> => ({ attempts: [sampleAttempt({ receipt: sampleReceipt(total) })] })
const refused = (refusal: Call['refusal']): Partial<Call> => ({ outcome: 'refused', refusal, attempts: [], usage: {}, status: 402 })

describeStores('calls and their costs', (store) => {
  let place: Place
  let state: State

  beforeEach(async () => {
    place = await store.make()
    state = await place.open({ clock })
  })
  afterEach(() => state.close())

  describe('calls', () => {
    it('are listed newest first, page by page, all of them or those of one agent', async () => {
      for (let i = 0; i < 10; i++) {
        await keep(state, sampleCall({ id: idOf(i), agentId: i % 2 === 0 ? AGENT : OTHER }))
        await state.events.append([{ announcement: note('something else'), at: 1 }])
      }
      const pages: CallId[][] = []
      for (let before: number | undefined; ; ) {
        const { calls, next } = await state.calls.list({ before, limit: 4 })
        pages.push(calls.map(({ id }) => id))
        if (next === null) break
        before = next
      }
      expect(pages).toEqual([[9, 8, 7, 6].map(idOf), [5, 4, 3, 2].map(idOf), [1, 0].map(idOf)])
      const own = await state.calls.list({ agentId: AGENT, limit: 5 })
      expect([own.calls.map(({ id }) => id), own.next]).toEqual([[8, 6, 4, 2, 0].map(idOf), null])
      const first = await state.calls.list({ agentId: OTHER, limit: 2 })
      expect((await state.calls.list({ agentId: OTHER, before: first.next ?? 0, limit: 2 })).calls.map(({ id }) => id)).toEqual([5, 3].map(idOf))
      expect(await state.calls.list({ agentId: 'no-00000000', limit: 2 })).toEqual({ calls: [], next: null })
    })

    it('come back as they were, also after a restart', async () => {
      const call = sampleCall({ outcome: 'failed', problem: 'Ünder 🚀 "quotes"', attempts: [sampleAttempt({ status: null, problem: 'cut', receipt: sampleReceipt(1) })] })
      await keep(state, call)
      await state.close()
      state = await place.open({ clock })
      expect(await state.calls.get(call.id)).toEqual(call)
      expect(await state.calls.get(idOf(5))).toBeNull()
    })

    it('are gone through in the order of their events, in steps that leave others their turn', async () => {
      for (let i = 0; i < 1_100; i++) await keep(state, sampleCall({ id: idOf(i), agentId: i % 3 === 0 ? AGENT : OTHER, ...priced(i) }), i)
      const visited: number[] = []
      let turns = 0
      const turn = (): void => {
        turns += 1
        if (turns < 1_000) setImmediate(turn)
      }
      setImmediate(turn)
      await state.calls.each({}, (_call, at) => void visited.push(at))
      expect(visited).toEqual(Array.from({ length: 1_100 }, (_, index) => index))
      expect(turns).toBeGreaterThan(1)
      turns = 1_000
      const own: number[] = []
      await state.calls.each({ agentId: AGENT, from: 30, until: 1_050 }, (_call, at) => void own.push(at))
      expect(own).toEqual(visited.filter((at) => at % 3 === 0 && at >= 30 && at < 1_050))
    })

    it('that were refused are counted by reason, each agent by itself', async () => {
      for (const [number, refusal] of (['budget', 'budget', 'declined', 'no-key'] as const).entries()) await keep(state, sampleCall({ id: idOf(number), ...refused(refusal) }))
      await keep(state, sampleCall({ id: idOf(8), agentId: OTHER, ...refused('invalid') }))
      await keep(state, sampleCall({ id: idOf(9) }))
      expect(await state.calls.refusals(AGENT)).toEqual({ budget: 2, declined: 1, 'no-key': 1 })
      expect(await state.calls.refusals('no-00000000')).toEqual({})
    })
  })

  describe('the breakdown', () => {
    const usage = { input: 100, cacheRead: 20, cacheWrite5m: 3, output: 40, reasoning: 5 }

    it('sums by agent, by model, by hour; dearest first, hours in their order', async () => {
      const two = Date.UTC(2026, 10, 21, 2)
      await keep(state, sampleCall({ id: idOf(1), usage, ...priced(10) }), two)
      await keep(state, sampleCall({ id: idOf(2), usage, model: 'claude', ...priced(30) }), two + HOUR - 1)
      await keep(state, sampleCall({ id: idOf(3), usage, agentId: OTHER, ...priced(50) }), two + HOUR)
      await keep(state, sampleCall({ id: idOf(4), agentId: OTHER, model: 'nobody', ...refused('unknown-model') }), two + HOUR)
      const sums = (calls: number, cost: number) => ({
        calls,
        inputTokens: 123 * calls,
        outputTokens: 45 * calls,
        cachedTokens: 20 * calls,
        reasoningTokens: 5 * calls,
        cost,
      })
      expect(await state.calls.breakdown('agent', {})).toEqual({ rows: [{ key: OTHER, ...sums(1, 50) }, { key: AGENT, ...sums(2, 40) }], total: 90 })
      expect(await state.calls.breakdown('model', {})).toEqual({ rows: [{ key: 'gpt-4', ...sums(2, 60) }, { key: 'claude', ...sums(1, 30) }], total: 90 })
      expect(await state.calls.breakdown('hour', {})).toEqual({
        rows: [
          { key: '2026-11-21T02:00:00.000Z', ...sums(2, 40) },
          { key: '2026-11-21T03:00:00.000Z', ...sums(1, 50) },
        ],
        total: 90,
      })
      expect((await state.calls.breakdown('model', { agentId: AGENT, from: two + 1 })).rows).toEqual([{ key: 'claude', ...sums(1, 30) }])
      expect((await state.calls.breakdown('model', { until: two + HOUR - 1 })).total).toBe(10)
      expect(await state.calls.breakdown('hour', { agentId: 'no-00000000' })).toEqual({ rows: [], total: 0 })
    })

    it('counts the calls that were answered or charged', async () => {
      await keep(state, sampleCall({ id: idOf(1), ...priced(0) }))
      await keep(state, sampleCall({ id: idOf(2), outcome: 'failed', ...priced(3) }))
      await keep(state, sampleCall({ id: idOf(3), outcome: 'failed', attempts: [sampleAttempt({ receipt: null })], usage: {} }))
      const { rows } = await state.calls.breakdown('model', {})
      expect(rows.map(({ calls }) => calls)).toEqual([2])
      expect(await state.ledger.totals()).toMatchObject([{ calls: 2, spent: 3 }])
    })

    it('counts an answer that was charged and did not go on', async () => {
      await keep(state, sampleCall({ id: idOf(1), ...refused('private-data'), ...priced(7), outcome: 'refused' }))
      await keep(state, sampleCall({ id: idOf(2), ...refused('private-data') }))
      expect(await state.calls.breakdown('model', {})).toMatchObject({ rows: [{ calls: 1, cost: 7 }], total: 7 })
      expect(await state.ledger.totals()).toMatchObject([{ calls: 1, spent: 7 }])
      expect(await state.calls.refusals(AGENT)).toEqual({ 'private-data': 2 })
    })
  })

  describe('how spending has grown', () => {
    it('is one point for the calls of a second, each with all that was spent by then', async () => {
      expect(await state.calls.history(AGENT)).toEqual([])
      const calls = [[1_000, 30], [1_400, 20], [2_500, 0], [9_000, 50]] as const
      for (const [index, [at, cost]] of calls.entries()) await keep(state, sampleCall({ id: idOf(index), ...priced(cost) }), at)
      await keep(state, sampleCall({ id: idOf(8), agentId: OTHER, ...priced(999) }), 3_000)
      await keep(state, sampleCall({ id: idOf(9), ...refused('budget') }), 8_999)
      expect(await state.calls.history(AGENT)).toEqual([
        { at: 1_400, spent: 50, calls: 2 },
        { at: 2_500, spent: 50, calls: 3 },
        { at: 8_999, spent: 50, calls: 3 },
        { at: 9_000, spent: 100, calls: 4 },
      ])
    })
  })
})

describe('the breakdown in steps, in SQLite', () => {
  let dataFolder: string
  let state: State

  beforeEach(async () => {
    dataFolder = folders.make()
    state = await openState({ dataFolder, clock })
  })
  afterEach(() => state.close())

  it('does not take in what is stored while it sums', async () => {
    for (let i = 0; i < 30; i++) await keep(state, sampleCall({ id: idOf(i), agentId: i % 2 === 0 ? AGENT : OTHER, ...priced(1) }))
    const database = openDatabase({ dataFolder, migrations, now: 0, busyTimeoutMs: 1000 })
    const summing = createCostBreakdown(database.fast, 4)('agent', {})
    for (let i = 30; i < 40; i++) await keep(state, sampleCall({ id: idOf(i), agentId: i % 2 === 0 ? AGENT : OTHER, ...priced(1) }))
    expect((await summing).total).toBe(30)
    database.fast.close()
    database.durable.close()
  })

  it('is the same in small steps as in one', async () => {
    const agents = ['aa-00000001', 'bb-00000002', 'cc-00000003']
    const call = fc.record({
      agentId: fc.constantFrom(...agents),
      model: fc.constantFrom('gpt-4', 'claude', ''),
      at: fc.nat({ max: 4 * HOUR }),
      total: fc.nat({ max: 1_000 }),
      isRefused: fc.boolean(),
    })
    const database = openDatabase({ dataFolder, migrations, now: 0, busyTimeoutMs: 1000 })
    let number = 0
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), fc.nat({ max: 4 * HOUR }), async (calls, atOnce, from) => {
        for (const { at, total, isRefused, ...rest } of calls) {
          await keep(state, sampleCall({ id: idOf(++number), ...rest, ...(isRefused ? refused('budget') : priced(total)) }), at)
        }
        const inSteps = createCostBreakdown(database.fast, atOnce)
        for (const by of ['agent', 'model', 'hour'] as const) {
          for (const agentId of [undefined, ...agents]) {
            for (const range of [{ agentId }, { agentId, from }, { agentId, from, until: from + HOUR }]) {
              expect(await inSteps(by, range)).toEqual(await state.calls.breakdown(by, range))
            }
          }
        }
      }),
      { numRuns: 15 },
    )
    const { total } = await state.calls.breakdown('hour', {})
    expect(total).toBe((await state.ledger.totals()).reduce((sum, { spent }) => sum + spent, 0))
    database.fast.close()
    database.durable.close()
  })
})

it('a way through all calls leaves others their turn also where none is of the time asked for', async () => {
  const dataFolder = folders.make()
  const state = await openState({ dataFolder, clock })
  for (let i = 0; i < 40; i++) await keep(state, sampleCall({ id: idOf(i), agentId: i % 4 === 0 ? AGENT : OTHER }), i)
  const database = openDatabase({ dataFolder, migrations, now: 0, busyTimeoutMs: 1_000 })
  const calls = createCallRepository(database, 3)
  const visited = async (range: { agentId?: string; from?: number }): Promise<{ at: number[]; hadTurn: boolean }> => {
    const at: number[] = []
    let hadTurn = false
    setImmediate(() => setImmediate(() => (hadTurn = true)))
    await calls.each(range, (_call, moment) => void at.push(moment))
    return { at, hadTurn }
  }
  expect(await visited({ from: 1_000 })).toEqual({ at: [], hadTurn: true })
  expect(await visited({ agentId: AGENT, from: 1_000 })).toEqual({ at: [], hadTurn: true })
  expect((await visited({ from: 7 })).at).toEqual(Array.from({ length: 33 }, (_, index) => index + 7))
  expect((await visited({ agentId: AGENT, from: 7 })).at).toEqual([8, 12, 16, 20, 24, 28, 32, 36])
  expect((await visited({ agentId: 'no-00000000' })).at).toEqual([])
  database.fast.close()
  database.durable.close()
  await state.close()
})
