import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { useTestFolders } from '../state/testFolder.ts'
import type { PoolBudgets } from './pool.ts'
import { AGENT, CENT, DOLLAR, openTestDesk, type TestDesk } from './testDesk.ts'

/** What several rooms share, in one. */
function createShared(limit: number): PoolBudgets & { spent: number; reserved: number; isAway: boolean } {
  const held = new Map<string, number>()
  const nameOf = ({ callId, attempt }: { callId: string; attempt: number }): string => `${callId} ${attempt}`
  return {
    spent: 0,
    reserved: 0,
    isAway: false,
    async reserve(hold) {
      if (this.isAway) throw new AppError('UNAVAILABLE', 'It is away.')
      if (this.spent + this.reserved + hold.amount > limit) return { outcome: 'exceeded', limit, spent: this.spent }
      this.reserved += hold.amount
      held.set(nameOf(hold), hold.amount)
      return { outcome: 'held' }
    },
    async settle(hold, charged) {
      this.reserved -= held.get(nameOf(hold)) ?? 0
      held.delete(nameOf(hold))
      this.spent += charged
    },
  }
}

describe('a budget that all agents share', () => {
  const folders = useTestFolders()
  let test: TestDesk
  afterEach(async () => {
    await test.close()
    expect(test.defects).toEqual([])
  })

  async function deskWith(shared: PoolBudgets, budget = DOLLAR): Promise<TestDesk> {
    test = await openTestDesk(folders.make(), 'ask', shared)
    await test.launch(budget)
    return test
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('is charged once the call is in the ledger, and gives the rest back then', async () => {
    const shared = createShared(10 * CENT)
    const held = await (await deskWith(shared)).hold(6 * CENT)
    expect(shared).toMatchObject({ spent: 0, reserved: 6 * CENT })
    await test.charge(held, 2 * CENT)
    expect(shared).toMatchObject({ spent: 2 * CENT, reserved: 0 })
    expect(test.desk.status(AGENT)).toMatchObject({ spent: 2 * CENT, reserved: 0 })
  })

  it('gets back what a call held whose agent was taken off the list meanwhile', async () => {
    const shared = createShared(10 * CENT)
    const [one, other] = [await (await deskWith(shared)).hold(5 * CENT), await test.hold(4 * CENT)]
    await test.change({ status: 'stopped', pid: null })
    await test.bus.announce({ name: 'agent.removed', agentId: AGENT, severity: 'INFO', message: 'Off the list.', payload: {} })
    await test.charge(one, 2 * CENT)
    expect(shared).toMatchObject({ spent: 2 * CENT, reserved: 4 * CENT })
    await test.charge(other, CENT)
    expect(shared).toMatchObject({ spent: 3 * CENT, reserved: 0 })
    expect(await test.state.ledger.totals()).toMatchObject([{ spent: 3 * CENT }])
  })

  it('is not asked for a call that costs nothing', async () => {
    const shared = createShared(10 * CENT)
    await deskWith(shared)
    shared.isAway = true
    await test.charge(await test.hold(0), 0)
    expect(shared).toMatchObject({ spent: 0, reserved: 0 })
    await test.charge(await test.hold(0), 1)
    expect(shared).toMatchObject({ spent: 1, reserved: 0 })
  })

  it('refuses what does not fit at all with a sentence, asks nobody, and lets the rest go on', async () => {
    await deskWith(createShared(10 * CENT))
    const answer = await test.ask(11 * CENT)
    expect(answer).toMatchObject({ outcome: 'refused', refusal: 'budget', lack: { limit: 10 * CENT, spent: 0, requested: 11 * CENT } })
    expect('message' in answer && answer.message).toBe('Of the $0.10 that all agents share (shared_budget), $0.10 is left, and this call may cost up to $0.11.')
    expect(test.desk.status(AGENT)).toMatchObject({ reserved: 0, parked: [] })
    await test.hold(10 * CENT)
  })

  it('takes a closer look before it refuses, and holds what that has shown', async () => {
    const shared = createShared(10 * CENT)
    const { reservation } = await (await deskWith(shared)).hold(11 * CENT, { closerWorstCase: async () => 4 * CENT })
    expect([reservation.worstCase, shared.reserved]).toEqual([4 * CENT, 4 * CENT])
  })

  it('lets a call wait for what others may give back, until its agent hangs up', async () => {
    const shared = createShared(10 * CENT)
    shared.reserved = 8 * CENT
    await deskWith(shared)
    const away = new AbortController()
    const [waiting, leaving] = [test.ask(5 * CENT), test.ask(5 * CENT, { signal: away.signal })]
    while (test.clock.waiting() < 2) await turn()
    away.abort()
    shared.reserved = 0
    test.clock.advance(100)
    expect([(await waiting).outcome, (await leaving).outcome]).toEqual(['admitted', 'abandoned'])
    expect(test.desk.status(AGENT)).toMatchObject({ reserved: 5 * CENT })
  })

  it('that nobody can be asked about lets nothing through, and holds nothing of the agent either', async () => {
    const shared = createShared(10 * CENT)
    await deskWith(shared)
    shared.isAway = true
    await expect(test.ask(CENT)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(test.desk.status(AGENT)).toMatchObject({ reserved: 0 })
    shared.isAway = false
    await test.hold(CENT)
  })
})
