import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AgentId } from '../../shared/domain/agent.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import type { Admission } from './admission.ts'
import { freshCallId, openTestDesk, type Held, type TestDesk } from './testDesk.ts'

let folder: string
let test: TestDesk
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'iron-cage-scopes-'))
  test = await openTestDesk(folder)
})
afterAll(async () => {
  await test.close()
  rmSync(folder, { recursive: true, force: true })
})

type Step =
  /** Within the run where `within` is 0, else within one that was opened before. */
  | { readonly kind: 'open'; readonly limit: number | null; readonly within: number }
  | { readonly kind: 'close'; readonly which: number }
  | { readonly kind: 'ask'; readonly which: number; readonly worstCase: number; readonly closer: number }
  | { readonly kind: 'settle'; readonly which: number; readonly share: number }
  | { readonly kind: 'hangUp'; readonly which: number }
  | { readonly kind: 'raise'; readonly by: number }
  | { readonly kind: 'turn' }

const which = fc.nat(50)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), limit: fc.option(fc.nat(150)), within: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), which }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask' as const), which, worstCase: fc.nat(80), closer: fc.nat(80) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('settle' as const), which, share: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('hangUp' as const), which }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('raise' as const), by: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  ),
  { maxLength: 60 },
)

/** What the desk should know, counted apart from it. */
interface Expected {
  readonly id: string
  readonly limit: number | null
  readonly chain: readonly Expected[]
  charged: number
  isOpen: boolean
}

let agents = 0
let scopes = 0

async function play(limit: number, drawn: readonly Step[]): Promise<void> {
  const agentId: AgentId = `sc-${(++agents).toString(16).padStart(8, '0')}`
  await test.launch(limit, { parkForMs: 60_000 }, { id: agentId })
  const tree: Expected[] = []
  const held: (Held & { readonly scope: Expected | null })[] = []
  const clients: AbortController[] = []
  const outcomes: Promise<Admission['outcome']>[] = []
  let charged = 0
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)]

  const settle = ({ callId, reservation, scope }: (typeof held)[number], share: number): void => {
    const bill = Math.floor((reservation.worstCase * share) / 100)
    charged += bill
    for (const one of scope?.chain ?? []) one.charged += bill
    const receipt = share === 0 ? null : sampleReceipt(bill)
    reservation.settle(receipt)
    test.desk.finish(sampleCall({ id: callId, agentId, attempts: [sampleAttempt({ reserved: reservation.worstCase, receipt })] }))
  }
  const check = (): void => {
    const view = test.desk.status(agentId)
    expect(view.spent).toBe(charged)
    expect(view.spent + view.reserved).toBeLessThanOrEqual(view.limit)
    for (const one of tree) {
      if (!one.isOpen) continue
      const { spent, reserved } = test.desk.scopeStatus(agentId, one.id)
      expect(spent).toBe(one.charged)
      expect(spent + reserved).toBeLessThanOrEqual(one.limit ?? view.limit)
    }
  }

  for (const step of drawn) {
    if (step.kind === 'turn') await turn()
    else if (step.kind === 'open') {
      const outer = step.within === 0 ? undefined : pick(tree.filter(({ isOpen }) => isOpen), step.within)
      const id = `scope-${(++scopes).toString(16).padStart(12, '0')}`
      const chain: Expected[] = []
      const one: Expected = { id, limit: step.limit, chain, charged: 0, isOpen: true }
      chain.push(one, ...(outer?.chain ?? []))
      tree.push(one)
      test.desk.openScope(agentId, { id, name: id, limit: step.limit, safetyMode: null, within: outer?.id ?? null })
    } else if (step.kind === 'close') {
      const one = pick(tree.filter(({ isOpen }) => isOpen), step.which)
      if (!one) continue
      test.desk.closeScope(agentId, one.id)
      for (const other of tree) if (other.chain.includes(one)) other.isOpen = false
    } else if (step.kind === 'ask') {
      const scope = pick([null, ...tree], step.which) ?? null
      const callId = freshCallId()
      const client = new AbortController()
      clients.push(client)
      const wasOpen = scope?.isOpen ?? true
      const admission = test.ask(step.worstCase, {
        agentId,
        callId,
        signal: client.signal,
        closerWorstCase: async () => step.closer,
        ...(scope ? { scope: scope.id } : {}),
      })
      outcomes.push(
        admission.then((answer) => {
          if (answer.outcome === 'admitted') held.push({ callId, reservation: answer.reservation, scope })
          if (!wasOpen) expect(answer.outcome).toBe('no scope')
          return answer.outcome
        }),
      )
    } else if (step.kind === 'hangUp') pick(clients, step.which)?.abort()
    else if (step.kind === 'raise') await test.desk.raise(agentId, step.by, 'owner (admin)', 'It goes well.')
    else {
      const [one] = held.splice(step.which % Math.max(1, held.length), 1)
      if (one) settle(one, step.share)
    }
    check()
  }

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
  expect(test.desk.status(agentId)).toMatchObject({ spent: charged, reserved: 0, openCalls: 0, parked: [] })
  for (const { id, isOpen } of tree) if (isOpen) expect(test.desk.scopeStatus(agentId, id)).toMatchObject({ reserved: 0 })
  expect((await test.state.ledger.openReservations()).filter((one) => one.agentId === agentId)).toEqual([])
  expect(test.defects).toEqual([])
}

it('whatever parallel calls do in whatever tree of scopes: no limit is passed by a nanodollar, and every call gets its answer', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(300), steps, play), { numRuns: 300 })
})
