import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AgentId } from '../../shared/domain/agent.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { describeStores } from '../state/testStores.ts'
import type { Admission } from './admission.ts'
import { freshCallId, openTestDesk, type Held, type TestDesk } from './testDesk.ts'

const BY = 'owner (admin)'
let test: TestDesk

type Step =
  | { readonly kind: 'ask'; readonly worstCase: number; readonly closer: number }
  /** Of the worst case in percent; 0 gives everything back. */
  | { readonly kind: 'settle'; readonly which: number; readonly share: number }
  | { readonly kind: 'hangUp'; readonly which: number }
  | { readonly kind: 'raise'; readonly by: number }
  | { readonly kind: 'decline' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'turn' }

const which = fc.nat(50)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), worstCase: fc.nat(120), closer: fc.nat(120) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('settle' as const), which, share: fc.integer({ min: 0, max: 130 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('hangUp' as const), which }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('raise' as const), by: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(90_000) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  ),
  { maxLength: 50 },
)

let agents = 0

/** One agent, and everything that a gateway and its people may do to its budget. */
async function play(limit: number, drawn: readonly Step[]): Promise<void> {
  const agentId: AgentId = `lg-${(++agents).toString(16).padStart(8, '0')}`
  await test.launch(limit, { parkForMs: 60_000 }, { id: agentId })
  let raised = 0
  let charged = 0
  let overbilled = 0
  const held: Held[] = []
  const clients: AbortController[] = []
  const outcomes: Promise<Admission['outcome']>[] = []
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  const ask = (worstCase: number, closer: number): void => {
    const callId = freshCallId()
    const client = new AbortController()
    clients.push(client)
    const admission = test.ask(worstCase, { agentId, callId, signal: client.signal, closerWorstCase: async () => closer })
    outcomes.push(
      admission.then((answer) => {
        if (answer.outcome === 'admitted') held.push({ callId, reservation: answer.reservation })
        return answer.outcome
      }),
    )
  }
  const settle = ({ callId, reservation }: Held, share: number): void => {
    const { worstCase } = reservation
    const bill = Math.floor((worstCase * share) / 100)
    charged += bill
    overbilled += Math.max(0, bill - worstCase)
    const receipt = share === 0 ? null : sampleReceipt(bill)
    reservation.settle(receipt)
    test.desk.finish(sampleCall({ id: callId, agentId, attempts: [sampleAttempt({ reserved: worstCase, receipt })] }))
  }
  const check = (): void => {
    const { spent, reserved, limit: current } = test.desk.status(agentId)
    expect(spent).toBe(charged)
    expect(spent + reserved).toBeLessThanOrEqual(current + overbilled)
  }

  for (const step of drawn) {
    if (step.kind === 'ask') ask(step.worstCase, step.closer)
    else if (step.kind === 'turn') await turn()
    else if (step.kind === 'wait') test.clock.advance(step.ms)
    else if (step.kind === 'hangUp') clients[step.which % Math.max(1, clients.length)]?.abort()
    else if (step.kind === 'decline') await test.desk.decline(agentId, null, BY, 'Enough.').catch(() => undefined)
    else if (step.kind === 'raise') {
      await test.desk.raise(agentId, step.by, BY, 'It goes well.')
      raised += step.by
    } else {
      const [one] = held.splice(step.which % Math.max(1, held.length), 1)
      if (one) settle(one, step.share)
    }
    check()
  }

  // Every call comes to its end: those under way are settled, those that wait get their answer or their time-out.
  let isOver = false
  const all = Promise.all(outcomes).finally(() => (isOver = true))
  while (!isOver || held.length > 0) {
    for (const one of held.splice(0)) settle(one, 50)
    await turn()
    test.clock.advance(60_000)
    check()
  }
  await all
  await test.settled()

  const view = test.desk.status(agentId)
  expect(view).toMatchObject({ spent: charged, reserved: 0, openCalls: 0, parked: [], limit: limit + raised })
  const totals = (await test.state.ledger.totals()).find((one) => one.agentId === agentId)
  expect(totals).toMatchObject({ spent: charged, limit: limit + raised, calls: view.calls })
  expect((await test.state.ledger.openReservations()).filter((one) => one.agentId === agentId)).toEqual([])
  const told = <E extends { agentId: string | null }>(events: readonly E[]): E[] => events.filter((event) => event.agentId === agentId)
  expect(told(test.heard('budget.callUnparked'))).toHaveLength(told(test.heard('budget.callParked')).length)
  for (const name of ['budget.warned', 'budget.exhausted'] as const) {
    const limits = told(test.heard(name)).map(({ payload }) => payload.budget.limit)
    expect(new Set(limits).size).toBe(limits.length)
  }
  expect(test.defects).toEqual([])
}

describeStores('whatever a gateway and its people do to a budget', (kind) => {
  beforeEach(async () => {
    test = await openTestDesk(await kind.make())
  })
  afterEach(() => test.close())

  it('its limit holds but for what was billed beyond worst cases, all is given back, and the ledger says the same', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(200), steps, play), { numRuns: kind.name === 'SQLite' ? 300 : 30 })
  })
})
