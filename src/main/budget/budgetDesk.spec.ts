import { afterEach, describe, expect, it } from 'vitest'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { LARGEST_BUDGET } from '../../shared/domain/money.ts'
import { describeStores } from '../state/testStores.ts'
import type { Admission } from './admission.ts'
import { AGENT, CENT, DOLLAR, freshCallId, openTestDesk, type TestDesk } from './testDesk.ts'

describeStores('the budget desk', (kind) => {
  const open: TestDesk[] = []
  afterEach(async () => {
    for (const test of open.splice(0)) {
      await test.close()
      expect(test.defects).toEqual([])
    }
  })

  async function deskWith(budget: number, ...[plan, atLimit]: [Parameters<TestDesk['launch']>[1]?, Parameters<typeof openTestDesk>[1]?]): Promise<TestDesk> {
    const test = await openTestDesk(await kind.make(), atLimit)
    open.push(test)
    await test.launch(budget, plan)
    return test
  }

  /** What has come of it by now, without waiting for what is to come. */
  async function stateOf(admission: Promise<Admission>): Promise<string> {
    const answer = await Promise.race([admission, new Promise<null>((resolve) => setImmediate(() => setImmediate(() => resolve(null))))])
    return answer === null ? 'waiting' : answer.outcome
  }

  const spentAndHeld = ({ desk }: TestDesk): number[] => [desk.status(AGENT).spent, desk.status(AGENT).reserved]

  describe('an agent that is launched', () => {
    it('has its limit in the ledger before anybody hears of it, once', async () => {
      const test = await deskWith(5 * DOLLAR)
      await test.change({ status: 'running' })
      expect(await test.state.ledger.totals()).toEqual([{ agentId: AGENT, limit: 5 * DOLLAR, spent: 0, raises: 0, calls: 0 }])
      expect(test.desk.list()).toEqual([
        {
          agentId: AGENT,
          limit: 5 * DOLLAR,
          spent: 0,
          reserved: 0,
          running: 0,
          calls: 0,
          openCalls: 0,
          parked: [],
          isWarned: false,
          isExhausted: false,
          progress: null,
          unit: 'call',
          average: null,
          projection: null,
          recommendedIncrease: 2_500_000_000,
          savedAgainstBaseline: null,
        },
      ])
    })

    it('is nobody before', async () => {
      const test = await deskWith(DOLLAR)
      await expect(test.ask(1, { agentId: 'no-00000000' })).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
      expect(() => test.desk.status('no-00000000')).toThrow('There is no agent no-00000000.')
    })

    it('is off the list once it is removed; what a call of its used is charged all the same', async () => {
      const test = await deskWith(DOLLAR)
      const held = await test.hold(CENT)
      await test.change({ status: 'stopped', pid: null })
      await test.bus.announce({ name: 'agent.removed', agentId: AGENT, severity: 'INFO', message: 'Off the list.', payload: {} })
      const changes = test.heard('budget.changed').length
      expect(test.desk.list()).toEqual([])
      await test.charge(held, CENT)
      test.clock.advance(10_000)
      await test.settled()
      expect(await test.state.ledger.totals()).toMatchObject([{ spent: CENT }])
      expect(test.heard('budget.changed')).toHaveLength(changes)
    })
  })

  describe('a call', () => {
    it('holds its worst case on disk when it is admitted, and is charged what it cost when it is over', async () => {
      const test = await deskWith(DOLLAR)
      const held = await test.hold(60 * CENT)
      expect(await test.state.ledger.openReservations()).toMatchObject([{ agentId: AGENT, callId: held.callId, attempt: 1, model: 'gpt-4', amount: 60 * CENT }])
      held.reservation.runs(7)
      expect(test.desk.status(AGENT)).toMatchObject({ spent: 0, reserved: 60 * CENT, running: 7, openCalls: 1 })
      await test.charge(held, 3 * CENT, { usage: { input: 1_200, output: 85 }, durationMs: 1_250 })
      expect(await test.state.ledger.openReservations()).toEqual([])
      expect(await test.state.ledger.totals()).toMatchObject([{ spent: 3 * CENT, calls: 1 }])
      expect(test.desk.status(AGENT)).toMatchObject({ spent: 3 * CENT, reserved: 0, running: 0, openCalls: 0, calls: 1, average: 3 * CENT })
      expect(test.heard('llm.callFinished')).toMatchObject([{ severity: 'INFO', message: 'gpt-4: 1,200 + 85 tokens, $0.03, 1.2 s' }])
    })

    it('is charged for each of its attempts', async () => {
      const test = await deskWith(DOLLAR)
      const callId = freshCallId()
      const first = await test.hold(10 * CENT, { callId })
      first.reservation.settle(sampleReceipt(4 * CENT))
      const second = await test.hold(10 * CENT, { callId, attempt: 2 })
      second.reservation.settle(null)
      const third = await test.hold(10 * CENT, { callId, attempt: 3 })
      third.reservation.settle(sampleReceipt(5 * CENT))
      const receipts = [sampleReceipt(4 * CENT), null, sampleReceipt(5 * CENT)]
      test.desk.finish(sampleCall({ id: callId, attempts: receipts.map((receipt) => sampleAttempt({ reserved: 10 * CENT, receipt })) }))
      await test.settled()
      expect(await test.state.ledger.totals()).toMatchObject([{ spent: 9 * CENT, calls: 1 }])
      expect(spentAndHeld(test)).toEqual([9 * CENT, 0])
    })

    it('that failed is told as that, and does not count', async () => {
      const test = await deskWith(DOLLAR)
      const { callId, reservation } = await test.hold(CENT)
      reservation.settle(null)
      const problem = 'The provider answered with 500.'
      test.desk.finish(sampleCall({ id: callId, outcome: 'failed', problem, usage: {}, durationMs: 90, attempts: [sampleAttempt({ receipt: null })] }))
      await test.settled()
      const [event] = test.heard('llm.callFinished')
      expect(event).toMatchObject({ severity: 'WARN', message: 'gpt-4: failed, 0 + 0 tokens, $0.00, 90 ms (The provider answered with 500)' })
      expect(test.desk.status(AGENT)).toMatchObject({ spent: 0, calls: 0, average: null })
    })

    it('may be billed beyond its worst case, which is told; the next one finds the limit passed', async () => {
      const test = await deskWith(10 * CENT)
      await test.charge(await test.hold(10 * CENT), 12 * CENT)
      expect(test.heard('llm.callFinished')).toMatchObject([{ severity: 'WARN', message: expect.stringContaining('more than its worst case') }])
      expect(test.desk.status(AGENT)).toMatchObject({ spent: 12 * CENT, limit: 10 * CENT })
      expect(await stateOf(test.ask(1))).toBe('waiting')
      expect(test.desk.status(AGENT).parked).toHaveLength(1)
    })

    it('whose agent hangs up before its reservation is written leaves nothing behind', async () => {
      const test = await deskWith(DOLLAR)
      const client = new AbortController()
      const admission = test.ask(CENT, { signal: client.signal })
      client.abort()
      expect(await admission).toEqual({ outcome: 'abandoned' })
      expect(spentAndHeld(test)).toEqual([0, 0])
      expect(await test.state.ledger.openReservations()).toEqual([])
      // Nor does one that has hung up before it asks, whether it fits or not.
      for (const worstCase of [CENT, 5 * DOLLAR]) expect(await test.ask(worstCase, { signal: client.signal })).toEqual({ outcome: 'abandoned' })
    })

    it('is not admitted when the ledger cannot be written, and holds nothing then', async () => {
      const test = await deskWith(DOLLAR)
      const held = await test.hold(CENT)
      // The ledger takes an attempt once.
      await expect(test.ask(CENT, { callId: held.callId })).rejects.toThrow()
      expect(spentAndHeld(test)).toEqual([0, CENT])
      await test.charge(held, CENT)
    })
  })

  describe('what a gateway must not do', () => {
    it('is charged once when it settles twice, and told', async () => {
      const test = await deskWith(DOLLAR)
      const held = await test.hold(CENT)
      held.reservation.settle(sampleReceipt(CENT))
      held.reservation.settle(sampleReceipt(CENT))
      expect(spentAndHeld(test)).toEqual([CENT, 0])
      expect(test.defects.splice(0)).toMatchObject([{ message: expect.stringContaining('was settled twice') }])
    })

    it('a call that is finished twice is charged once, and told', async () => {
      const test = await deskWith(DOLLAR)
      const held = await test.hold(CENT)
      await test.charge(held, CENT)
      test.desk.finish(sampleCall({ id: held.callId, attempts: [sampleAttempt({ receipt: sampleReceipt(CENT) })] }))
      await test.settled()
      expect(test.desk.status(AGENT)).toMatchObject({ spent: CENT, calls: 1 })
      expect(test.defects.splice(0)).toMatchObject([{ message: expect.stringContaining('it costs 10000000 nanodollars and its attempts were charged 0') }])
    })

    it.each([
      ['never settled', null, CENT, 'attempt 1 was never settled'],
      ['settled at something else', 2 * CENT, CENT, 'attempt 1 was charged 20000000 nanodollars and its receipt says 10000000'],
    ])('a call that was %s is told, and not stored', async (_name, settledAt, finishedAt, problem) => {
      const test = await deskWith(DOLLAR)
      const { callId, reservation } = await test.hold(5 * CENT)
      if (settledAt !== null) reservation.settle(sampleReceipt(settledAt))
      test.desk.finish(sampleCall({ id: callId, attempts: [sampleAttempt({ receipt: sampleReceipt(finishedAt) })] }))
      await test.settled()
      expect(test.defects.splice(0)).toMatchObject([{ message: `${callId} is over, but ${problem}.` }])
      expect(test.heard('llm.callFinished')).toEqual([])
    })
  })

  describe('with fifty calls at once and one cent left', () => {
    it('no more go out than fit, the others follow as it is given back, and not a nanodollar is spent beyond', async () => {
      const test = await deskWith(CENT, {}, 'ask')
      const worstCase = CENT / 5
      const admissions = Array.from({ length: 50 }, () => test.hold(worstCase))
      let most = 0
      let under = 0
      const finished = admissions.map(async (admission) => {
        const held = await admission
        most = Math.max(most, ++under)
        expect(test.desk.status(AGENT).spent + test.desk.status(AGENT).reserved).toBeLessThanOrEqual(CENT)
        await new Promise((resolve) => setImmediate(resolve))
        under--
        await test.charge(held, CENT / 100)
      })
      await Promise.all(finished)
      expect(most).toBe(5)
      expect(spentAndHeld(test)).toEqual([CENT / 2, 0])
      expect(await test.state.ledger.totals()).toMatchObject([{ spent: CENT / 2, calls: 50 }])
      expect(test.heard('budget.callParked')).toEqual([])
    })

    it('at their worst, the first five use it up and the rest are refused', async () => {
      const test = await deskWith(CENT, {}, 'end')
      const worstCase = CENT / 5
      const answers = await Promise.all(
        Array.from({ length: 50 }, async () => {
          const callId = freshCallId()
          const admission = await test.ask(worstCase, { callId })
          if (admission.outcome === 'admitted') await test.charge({ callId, reservation: admission.reservation }, worstCase)
          return admission.outcome
        }),
      )
      expect(answers.filter((outcome) => outcome === 'admitted')).toHaveLength(5)
      expect(answers.filter((outcome) => outcome === 'refused')).toHaveLength(45)
      expect(await test.state.ledger.totals()).toMatchObject([{ spent: CENT, calls: 5 }])
      expect(test.ended).toHaveLength(1)
    })
  })

  describe('the closer worst case', () => {
    it('is asked for only where the first does not fit', async () => {
      const test = await deskWith(DOLLAR)
      let asked = 0
      const closerWorstCase = async (): Promise<number> => {
        asked++
        return 10 * CENT
      }
      const held = await test.hold(80 * CENT, { closerWorstCase })
      expect([asked, held.reservation.worstCase]).toEqual([0, 80 * CENT])
      const closer = await test.hold(80 * CENT, { closerWorstCase })
      expect([asked, closer.reservation.worstCase]).toEqual([1, 10 * CENT])
      for (const one of [held, closer]) await test.charge(one, CENT)
    })

    it('that cannot be had is a defect, and the first bound holds', async () => {
      const test = await deskWith(DOLLAR)
      const admission = test.ask(2 * DOLLAR, { closerWorstCase: () => Promise.reject(new Error('invented: no tokeniser')) })
      expect(await stateOf(admission)).toBe('waiting')
      expect(test.defects.splice(0)).toMatchObject([{ message: 'invented: no tokeniser' }])
      expect(test.desk.status(AGENT).parked).toMatchObject([{ worstCase: 2 * DOLLAR }])
    })
  })

  describe('nine tenths', () => {
    it('are told once per limit, with what to do', async () => {
      const test = await deskWith(50 * DOLLAR)
      test.desk.progress(AGENT, { done: 85, total: 100, unit: 'lead', failed: 0 })
      await test.charge(await test.hold(45 * DOLLAR), 45 * DOLLAR - 1)
      expect(test.heard('budget.warned')).toEqual([])
      await test.charge(await test.hold(CENT), 1)
      await test.charge(await test.hold(CENT), CENT)
      expect(test.heard('budget.warned')).toMatchObject([
        {
          severity: 'WARN',
          message: 'lead_gen_agent.py has spent $45.00 of $50.00 (90.0%). Projection: $52.94 total. Recommended: Approve $25 increase.',
          payload: { budget: { isWarned: true, recommendedIncrease: 25 * DOLLAR } },
        },
      ])
      await test.desk.raise(AGENT, CENT, 'owner (admin)', 'It goes well.')
      await test.settled()
      expect(test.heard('budget.warned')).toHaveLength(2)
    })

    it('are stored in one go with the call that crosses them, so that a restart does not tell again', async () => {
      const folder = await kind.make()
      const first = await openTestDesk(folder)
      await first.launch(DOLLAR)
      await first.charge(await first.hold(90 * CENT), 90 * CENT)
      expect(first.heard('budget.warned')).toHaveLength(1)
      await first.kill()
      const second = await openTestDesk(folder)
      open.push(second)
      expect(second.desk.status(AGENT)).toMatchObject({ spent: 90 * CENT, isWarned: true })
      await second.charge(await second.hold(5 * CENT), 5 * CENT)
      expect(second.heard('budget.warned')).toEqual([])
    })
  })

  describe('a raise', () => {
    it('stands in the ledger with who and why, and is told', async () => {
      const test = await deskWith(50 * DOLLAR)
      expect(await test.desk.raise(AGENT, 25 * DOLLAR, 'owner (admin)', 'It goes well')).toMatchObject({ limit: 75 * DOLLAR })
      expect(await test.state.ledger.totals()).toMatchObject([{ limit: 75 * DOLLAR, raises: 1 }])
      expect(test.heard('budget.raised')).toMatchObject([
        {
          message: 'owner (admin) raised the budget of lead_gen_agent.py from $50.00 to $75.00: It goes well.',
          payload: { from: 50 * DOLLAR, to: 75 * DOLLAR, actor: 'owner (admin)', reason: 'It goes well' },
        },
      ])
    })

    it('is possible for an agent that has ended, and goes no further than a budget may', async () => {
      const test = await deskWith(DOLLAR)
      await test.change({ status: 'over-budget', pid: null })
      expect(await test.desk.raise(AGENT, LARGEST_BUDGET - DOLLAR, 'owner (admin)', 'All in')).toMatchObject({ limit: LARGEST_BUDGET, recommendedIncrease: 0 })
      await expect(test.desk.raise(AGENT, 1, 'owner (admin)', 'More')).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: 'The budget of lead_gen_agent.py is $1,000,000.00; $0.00 more is beyond $1,000,000.00, the most there may be.',
      })
      expect(await test.state.ledger.totals()).toMatchObject([{ limit: LARGEST_BUDGET, raises: 1 }])
    })
  })

  describe('a room that may die at any moment', () => {
    /** What would have been spent if it died now: what is under way would be charged at its worst. */
    async function spentAtWorst({ state: { ledger } }: TestDesk): Promise<number> {
      const [[totals], open] = [await ledger.totals(), await ledger.openReservations()]
      return open.reduce((sum, { amount }) => sum + amount, totals?.spent ?? 0)
    }

    it('gives back what a call did not use once that is in the ledger, and not before', async () => {
      const test = await deskWith(DOLLAR)
      const first = await test.hold(60 * CENT)
      const waiting = test.ask(80 * CENT)
      const receipt = sampleReceipt(10 * CENT)
      first.reservation.settle(receipt)
      expect(spentAndHeld(test)).toEqual([10 * CENT, 50 * CENT])
      test.desk.finish(sampleCall({ id: first.callId, attempts: [sampleAttempt({ reserved: 60 * CENT, receipt })] }))
      expect(await waiting).toMatchObject({ outcome: 'admitted' })
      expect(await spentAtWorst(test)).toBe(90 * CENT)
      expect(spentAndHeld(test)).toEqual([10 * CENT, 80 * CENT])
    })

    it('has given back what a try held that cost nothing before anybody else gets it', async () => {
      const test = await deskWith(DOLLAR)
      const { callId, reservation } = await test.hold(60 * CENT)
      const waiting = test.ask(80 * CENT)
      reservation.settle(null)
      expect(await waiting).toMatchObject({ outcome: 'admitted' })
      expect(await spentAtWorst(test)).toBe(80 * CENT)
      test.desk.finish(sampleCall({ id: callId, outcome: 'failed', usage: {}, attempts: [sampleAttempt({ reserved: 60 * CENT, receipt: null })] }))
      await test.settled()
      expect(await spentAtWorst(test)).toBe(80 * CENT)
    })

    it('does not let a call that is tried again wait for itself', async () => {
      const test = await deskWith(DOLLAR)
      const { callId, reservation } = await test.hold(60 * CENT)
      const receipt = sampleReceipt(10 * CENT)
      reservation.settle(receipt)
      const again = await test.hold(60 * CENT, { callId, attempt: 2 })
      again.reservation.settle(receipt)
      test.desk.finish(sampleCall({ id: callId, attempts: [1, 2].map(() => sampleAttempt({ reserved: 60 * CENT, receipt })) }))
      await test.settled()
      expect(spentAndHeld(test)).toEqual([20 * CENT, 0])
    })
  })

  describe('after the death of the room', () => {
    it('what was under way is charged at its worst, told, and never again', async () => {
      const folder = await kind.make()
      const first = await openTestDesk(folder)
      await first.launch(DOLLAR)
      await first.charge(await first.hold(CENT), CENT)
      const lost = await first.hold(60 * CENT)
      const retried = await first.hold(10 * CENT)
      retried.reservation.settle(null)
      await first.hold(30 * CENT, { callId: retried.callId, attempt: 2 })
      await first.kill()

      const second = await openTestDesk(folder)
      open.push(second)
      // Known by the time there is a desk at all.
      expect(second.desk.status(AGENT)).toMatchObject({ spent: 91 * CENT, reserved: 0, calls: 3, isWarned: true })
      expect(await second.state.ledger.openReservations()).toEqual([])
      const told = second.heard('llm.callFinished')
      expect(told.map(({ payload: { call } }) => [call.id, call.outcome, call.cost])).toEqual([
        [lost.callId, 'lost', 60 * CENT],
        [retried.callId, 'lost', 30 * CENT],
      ])
      expect(told[0]).toMatchObject({
        severity: 'WARN',
        message:
          'The control room ended while a call to gpt-4 was under way. Nobody can know what the provider billed; its worst case of $0.60 is charged.',
        payload: { call: { attempts: [{ reserved: 60 * CENT, receipt: { basis: 'assumed', total: 60 * CENT } }] } },
      })
      expect(second.heard('budget.warned')).toHaveLength(1)
      await second.kill()
      const third = await openTestDesk(folder)
      open.splice(0, open.length, third)
      expect(third.desk.status(AGENT)).toMatchObject({ spent: 91 * CENT, limit: DOLLAR })
      expect(third.heard('llm.callFinished')).toEqual([])
      expect(third.heard('budget.warned')).toEqual([])
    })

    it('progress is known, and that the limit was reached is not told again', async () => {
      const folder = await kind.make()
      const first = await openTestDesk(folder)
      await first.launch(DOLLAR)
      first.desk.progress(AGENT, { done: 22, total: 100, unit: 'lead', failed: 0 })
      first.clock.advance(100)
      first.desk.progress(AGENT, { done: 23, total: 100, unit: 'lead', failed: 1 })
      first.clock.advance(100)
      expect(await stateOf(first.ask(2 * DOLLAR))).toBe('waiting')
      await first.kill()
      const second = await openTestDesk(folder)
      open.push(second)
      expect(second.desk.status(AGENT)).toMatchObject({ isExhausted: true, progress: { done: 23, total: 100, unit: 'lead', failed: 1 }, parked: [] })
      await second.change({ status: 'starting', pid: null })
      expect(await stateOf(second.ask(2 * DOLLAR))).toBe('waiting')
      expect(second.heard('budget.exhausted')).toEqual([])
      await second.desk.raise(AGENT, CENT, 'owner (admin)', 'A little.')
      await second.settled()
      expect(second.heard('budget.exhausted')).toHaveLength(1)
    })

    it('is charged even where the agent is gone', async () => {
      const folder = await kind.make()
      const first = await openTestDesk(folder)
      await first.launch(DOLLAR)
      const { callId } = await first.hold(CENT)
      await first.bus.announce({ name: 'agent.removed', agentId: AGENT, severity: 'INFO', message: 'Off the list.', payload: {} })
      await first.kill()
      const second = await openTestDesk(folder)
      open.push(second)
      expect(second.desk.list()).toEqual([])
      expect(second.heard('llm.callFinished')).toMatchObject([{ agentId: AGENT, payload: { call: { id: callId, cost: CENT } } }])
      expect(await second.state.ledger.totals()).toMatchObject([{ spent: CENT }])
    })
  })
})
