import { afterEach, describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import type { Admission } from './admission.ts'
import { AGENT, CENT, DOLLAR, freshCallId, openTestDesk, type Held, type TestDesk } from './testDesk.ts'

const folders = useTestFolders()
const BY = 'owner (admin)'
let test: TestDesk
afterEach(async () => {
  await test.close()
  expect(test.defects).toEqual([])
})

async function open(budget: number, plan: Parameters<TestDesk['launch']>[1] = {}, atLimit: 'ask' | 'end' = 'ask'): Promise<void> {
  test = await openTestDesk(folders.make(), atLimit)
  await test.launch(budget, plan)
}

interface Asked {
  readonly callId: ReturnType<typeof freshCallId>
  readonly client: AbortController
  readonly admission: Promise<Admission>
}

/** Asks for more than is left, and comes back when the call is parked or waits behind others. */
async function ask(worstCase: number): Promise<Asked> {
  const callId = freshCallId()
  const client = new AbortController()
  const admission = test.ask(worstCase, { callId, signal: client.signal })
  await new Promise((resolve) => setImmediate(resolve))
  await test.settled()
  return { callId, client, admission }
}

const outcome = async ({ admission }: Asked): Promise<string> => (await admission).outcome
const parked = (): string[] => test.desk.status(AGENT).parked.map(({ callId }) => callId)
const unparked = (): unknown[] => test.heard('budget.callUnparked').map(({ payload: { callId, end } }) => [callId, end])

async function held(asked: Asked): Promise<Held> {
  const admission = await asked.admission
  if (admission.outcome !== 'admitted') throw new Error(`Not admitted: ${admission.outcome}`)
  return { callId: asked.callId, reservation: admission.reservation }
}

describe('a call that does not fit, where somebody can be asked', () => {
  it('is parked, and everybody is told once per limit that the budget is used up', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    const two = await ask(2 * DOLLAR)
    const now = test.clock.now()
    expect(test.desk.status(AGENT)).toMatchObject({
      isExhausted: true,
      // Enough for the larger of the two.
      recommendedIncrease: 2_500_000_000,
      parked: [
        { callId: one.callId, model: 'gpt-4', worstCase: 3 * DOLLAR, parkedAt: now, until: now + 600_000 },
        { callId: two.callId, worstCase: 2 * DOLLAR },
      ],
    })
    expect(test.heard('budget.callParked').map(({ payload }) => payload.parked.callId)).toEqual([one.callId, two.callId])
    expect(test.heard('budget.exhausted')).toMatchObject([
      {
        message:
          'lead_gen_agent.py: Of the budget of $1.00, $1.00 is left, and this call may cost up to $3.00. It waits for a decision; recommended: Approve $2.50 increase.',
        payload: { callId: one.callId, worstCase: 3 * DOLLAR },
      },
    ])
    expect(test.ended).toEqual([])
  })

  it('does not keep a smaller one from going out', async () => {
    await open(DOLLAR)
    await ask(3 * DOLLAR)
    await test.charge(await test.hold(CENT), CENT)
    expect(test.desk.status(AGENT)).toMatchObject({ spent: CENT, parked: [{}] })
  })

  it('goes on when it is approved, in order, as far as the money goes', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    const two = await ask(9 * DOLLAR)
    const three = await ask(2 * DOLLAR)
    const view = await test.desk.raise(AGENT, 3 * DOLLAR, BY, 'It goes well.')
    expect(view).toMatchObject({ limit: 4 * DOLLAR, reserved: 3 * DOLLAR, isExhausted: true })
    expect(parked()).toEqual([two.callId])
    expect(unparked()).toEqual([
      [one.callId, 'approved'],
      [three.callId, 'approved'],
    ])
    const first = await held(one)
    // The third waits for the first, not for anybody's decision.
    await test.charge(first, DOLLAR)
    const third = await held(three)
    await test.charge(third, DOLLAR)
    expect(test.heard('budget.exhausted').map(({ payload }) => [payload.callId, payload.budget.limit])).toEqual([
      [one.callId, DOLLAR],
      [two.callId, 4 * DOLLAR],
    ])
  })

  it('keeps what it was given when its time would have been up', async () => {
    await open(DOLLAR, { parkForMs: 60_000 })
    const one = await ask(3 * DOLLAR)
    await test.desk.raise(AGENT, 3 * DOLLAR, BY, 'It goes well.')
    const first = await held(one)
    test.clock.advance(60_000)
    expect(test.desk.status(AGENT)).toMatchObject({ reserved: 3 * DOLLAR, openCalls: 1 })
    await test.charge(first, DOLLAR)
  })

  it('is parked again when others use up what was approved', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    const two = await ask(3 * DOLLAR)
    await test.desk.raise(AGENT, 3 * DOLLAR, BY, 'It goes well.')
    expect(parked()).toEqual([])
    await test.charge(await held(one), 2 * DOLLAR)
    expect(parked()).toEqual([two.callId])
    await test.desk.raise(AGENT, DOLLAR, BY, 'A little more.')
    await test.charge(await held(two), DOLLAR)
  })

  it('is refused when it is declined, with who and why', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    const two = await ask(2 * DOLLAR)
    await test.desk.decline(AGENT, two.callId, BY, 'Too dear')
    expect(await two.admission).toEqual({
      outcome: 'refused',
      refusal: 'declined',
      message: 'Of the budget of $1.00, $1.00 is left, and this call may cost up to $2.00. owner (admin) declined an increase: Too dear.',
      lack: { scope: null, limit: DOLLAR, spent: 0, requested: 2 * DOLLAR },
    })
    expect(parked()).toEqual([one.callId])
    const three = await ask(2 * DOLLAR)
    expect(await test.desk.decline(AGENT, null, BY, 'Enough.')).toMatchObject({ parked: [], isExhausted: true })
    expect([await outcome(one), await outcome(three)]).toEqual(['refused', 'refused'])
    expect(test.heard('budget.callUnparked')[0]).toMatchObject({ payload: { callId: two.callId, end: 'declined', actor: BY, reason: 'Too dear' } })
  })

  it('cannot be declined when it does not wait', async () => {
    await open(DOLLAR)
    const callId = freshCallId()
    await expect(test.desk.decline(AGENT, null, BY, 'Too dear')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(test.desk.decline(AGENT, callId, BY, 'Too dear')).rejects.toThrow(`The call ${callId} does not wait for a decision.`)
  })

  it('is refused when nobody answers in time, which is nobody’s no', async () => {
    await open(DOLLAR, { parkForMs: 60_000 })
    const one = await ask(3 * DOLLAR)
    test.clock.advance(59_999)
    expect(parked()).toEqual([one.callId])
    test.clock.advance(1)
    expect(await one.admission).toEqual({
      outcome: 'refused',
      refusal: 'unanswered',
      message: 'Of the budget of $1.00, $1.00 is left, and this call may cost up to $3.00. Nobody decided within 1 min; raise the budget and ask again.',
      lack: { scope: null, limit: DOLLAR, spent: 0, requested: 3 * DOLLAR },
    })
    await test.settled()
    expect(test.heard('budget.callUnparked')).toMatchObject([{ payload: { end: 'unanswered', actor: null, reason: null } }])
    test.clock.advance(600_000)
    await test.settled()
    expect(unparked()).toHaveLength(1)
  })

  it('is abandoned when the agent hangs up', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    one.client.abort()
    expect(await outcome(one)).toBe('abandoned')
    await test.settled()
    expect(parked()).toEqual([])
    expect(unparked()).toEqual([[one.callId, 'abandoned']])
  })

  it('is abandoned when its run is over', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    await test.change({ status: 'crashed', pid: null })
    expect(await outcome(one)).toBe('abandoned')
  })

  it('is abandoned when the room closes', async () => {
    await open(DOLLAR)
    const one = await ask(3 * DOLLAR)
    test.desk.close()
    expect(await outcome(one)).toBe('abandoned')
    await expect(test.ask(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('is refused where a thousand wait already', async () => {
    await open(DOLLAR)
    const waiting = await Promise.all(Array.from({ length: 1_000 }, () => ask(2 * DOLLAR)))
    expect(parked()).toHaveLength(1_000)
    expect(await (await ask(2 * DOLLAR)).admission).toMatchObject({ outcome: 'refused', refusal: 'budget', message: expect.stringContaining('1,000 calls wait') })
    await test.desk.decline(AGENT, null, BY, 'Enough.')
    expect(new Set(await Promise.all(waiting.map(outcome)))).toEqual(new Set(['refused']))
  })

  it('behind one who waits for others is abandoned alone when its agent hangs up', async () => {
    await open(DOLLAR)
    const first = await test.hold(DOLLAR)
    const one = await ask(DOLLAR)
    const two = await ask(CENT)
    one.client.abort()
    expect(await outcome(one)).toBe('abandoned')
    await test.charge(first, CENT)
    await test.charge(await held(two), CENT)
    expect(unparked()).toEqual([])
  })
})

describe('a call that does not fit, where nobody can be asked', () => {
  it('is refused, the run is ended once, and nothing of it goes out any more', async () => {
    await open(DOLLAR, {}, 'end')
    await test.charge(await test.hold(50 * CENT), 50 * CENT)
    const first = await test.hold(40 * CENT)
    const waits = await ask(20 * CENT)
    const one = await ask(60 * CENT)
    const two = await ask(CENT)
    expect(await one.admission).toEqual({
      outcome: 'refused',
      refusal: 'budget',
      message:
        'Of the budget of $1.00, $0.50 is left, and this call may cost up to $0.60. The run is ended; raise the budget or ask for fewer tokens, then start it again.',
      lack: { scope: null, limit: DOLLAR, spent: 50 * CENT, requested: 60 * CENT },
    })
    expect([await outcome(waits), await outcome(two)]).toEqual(['refused', 'refused'])
    expect(test.ended).toEqual([`${AGENT}: The budget of $1.00 is used up: $0.50 is spent, and the next call may cost up to $0.60.`])
    expect(test.heard('budget.exhausted')).toMatchObject([{ message: expect.stringContaining('The run is ended.'), payload: { callId: one.callId } }])
    await test.charge(first, CENT)
  })

  it('ends the next run too, and no run that was given more', async () => {
    await open(DOLLAR, { atLimit: 'end' })
    await ask(2 * DOLLAR)
    await test.change({ status: 'over-budget', pid: null })
    await test.change({ status: 'starting', pid: null })
    await test.charge(await test.hold(CENT), CENT)
    await ask(2 * DOLLAR)
    expect(test.ended).toHaveLength(2)
    await test.desk.raise(AGENT, 5 * DOLLAR, BY, 'It goes well.')
    // Even while that run is on its way out.
    await test.charge(await test.hold(2 * DOLLAR), CENT)
    await test.change({ status: 'over-budget', pid: null })
    await test.change({ status: 'starting', pid: null })
    await test.charge(await test.hold(2 * DOLLAR), CENT)
    expect(test.ended).toHaveLength(2)
  })

  it('is parked all the same where its plan says so', async () => {
    await open(DOLLAR, { atLimit: 'ask' }, 'end')
    await ask(2 * DOLLAR)
    expect([parked().length, test.ended]).toEqual([1, []])
  })
})
