import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { createTestClock } from '../access/testClock.ts'
import type { LedgerEntry, State } from './repositories.ts'
import { finished } from './testEvents.ts'
import { describeStores } from './testStores.ts'

const clock = createTestClock()
const AGENTS: readonly AgentId[] = ['aa-00000001', 'bb-00000002', 'cc-00000003']
const CALLS: readonly CallId[] = ['call-0000000000000001', 'call-0000000000000002', 'call-0000000000000003', 'call-0000000000000004']
const ATTEMPTS = [1, 2]

/** A call is always of the same agent; two calls share one. */
const agentOf = (callId: CallId): AgentId => AGENTS[CALLS.indexOf(callId) % AGENTS.length] as AgentId

const amount = fc.nat({ max: 50_000_000_000 })
const callId = fc.constantFrom(...CALLS)
const budget = fc.record({ agentId: fc.constantFrom(...AGENTS), at: fc.constant(1), amount })
const entry: fc.Arbitrary<LedgerEntry> = fc.oneof(
  budget.map((one) => ({ kind: 'limit' as const, ...one })),
  budget.map((one) => ({ kind: 'raise' as const, actor: 'owner', reason: 'Invented.', ...one })),
  fc
    .record({ callId, attempt: fc.constantFrom(...ATTEMPTS), amount })
    .map((one) => ({ kind: 'reserve' as const, agentId: agentOf(one.callId), at: 1, model: 'gpt-4', ...one })),
)
type Step = { readonly release: CallId; readonly attempt: number } | { readonly entries: LedgerEntry[] } | { readonly finish: CallId; readonly used: readonly number[] } | 'reopen'
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ entries: fc.array(entry, { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ release: callId, attempt: fc.constantFrom(...ATTEMPTS) }) },
  { weight: 3, arbitrary: fc.record({ finish: callId, used: fc.tuple(amount, amount) }) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
)

/** A ledger as somebody keeps it who has all day: what was taken, and what came of the calls. */
interface Model {
  entries: LedgerEntry[]
  readonly over: Map<CallId, Call>
  /** Tries that cost nothing, as `call/attempt`. */
  readonly released: Set<string>
}

type Reserve = Extract<LedgerEntry, { kind: 'reserve' }>
const reservesOf = ({ entries }: Model): Reserve[] => entries.filter((one) => one.kind === 'reserve')
const openOf = (model: Model): Reserve[] => reservesOf(model).filter((one) => !model.over.has(one.callId) && !model.released.has(`${one.callId}/${one.attempt}`))
const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, one) => sum + one, 0)

function mayTake({ entries, over }: Model, batch: readonly LedgerEntry[]): boolean {
  const reserves = [...entries, ...batch].filter((one) => one.kind === 'reserve')
  const isUnique = new Set(reserves.map((one) => `${one.callId}/${one.attempt}`)).size === reserves.length
  return isUnique && batch.every((one) => one.kind !== 'reserve' || !over.has(one.callId))
}

function totalsOf(model: Model) {
  return AGENTS.filter((agentId) => model.entries.some((one) => one.agentId === agentId)).map((agentId) => {
    const own = model.entries.filter((one) => one.agentId === agentId)
    const calls = [...model.over.values()].filter((call) => call.agentId === agentId)
    return {
      agentId,
      limit: sumOf(own.filter(({ kind }) => kind !== 'reserve').map((one) => one.amount)),
      spent: sumOf(calls.map(({ cost }) => cost)),
      raises: own.filter(({ kind }) => kind === 'raise').length,
      calls: calls.length,
    }
  })
}

/** What was used of each attempt that was reserved. */
function callOf(model: Model, id: CallId, used: readonly number[]): Call {
  const attempts = ATTEMPTS.map((number, index) => {
    const held = reservesOf(model).find((one) => one.callId === id && one.attempt === number)
    return sampleAttempt({ reserved: held?.amount ?? 0, receipt: held && !model.released.has(`${id}/${number}`) ? sampleReceipt(used[index]) : null })
  })
  return sampleCall({ id, agentId: agentOf(id), attempts })
}

async function take(state: State, model: Model, { entries }: { entries: LedgerEntry[] }): Promise<void> {
  // What was given back is over: tries are numbered on, and a file does not look for the number of one that holds nothing.
  if (entries.some((one) => one.kind === 'reserve' && model.released.has(`${one.callId}/${one.attempt}`))) return
  const append = async (): Promise<void> => state.ledger.append(entries)
  if (!mayTake(model, entries)) return void (await expect(append()).rejects.toThrow())
  await append()
  model.entries.push(...entries)
}

async function release(state: State, model: Model, { release: id, attempt }: { release: CallId; attempt: number }): Promise<void> {
  const giveBack = async (): Promise<void> => state.ledger.release({ callId: id, attempt }, 1)
  const isOpen = openOf(model).some((one) => one.callId === id && one.attempt === attempt)
  if (!isOpen) return void (await expect(giveBack()).rejects.toThrow())
  await giveBack()
  model.released.add(`${id}/${attempt}`)
}

async function finish(state: State, model: Model, { finish: id, used }: { finish: CallId; used: readonly number[] }): Promise<void> {
  const call = callOf(model, id, used)
  const append = (): Promise<unknown> => state.events.append([{ announcement: finished(call), at: 1 }])
  if (model.over.has(id)) return void (await expect(append()).rejects.toThrow())
  await append()
  model.over.set(id, call)
}

async function compare(state: State, model: Model): Promise<void> {
  expect(await state.ledger.totals()).toEqual(totalsOf(model))
  const expected = openOf(model).map(({ kind: _kind, ...reservation }) => reservation)
  const places = (reservations: readonly object[]): string[] => reservations.map((one) => JSON.stringify(Object.entries(one).sort())).sort()
  expect(places(await state.ledger.openReservations())).toEqual(places(expected))
  const { total } = await state.calls.breakdown('model', {})
  expect(total).toBe(sumOf([...model.over.values()].map(({ cost }) => cost)))
}

describeStores('ledger', (store) => {
  it('whatever is appended, refused, finished and opened again, the ledger adds up as a naive one does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const place = await store.make()
        const model: Model = { entries: [], over: new Map(), released: new Set() }
        let state = await place.open({ clock })
        for (const one of steps) {
          if (one === 'reopen') {
            await state.close()
            state = await place.open({ clock })
          } else if ('release' in one) await release(state, model, one)
          else if ('finish' in one) await finish(state, model, one)
          else await take(state, model, one)
          await compare(state, model)
        }
        await state.close()
      }),
      { numRuns: store.name === 'SQLite' ? 60 : 15 },
    )
  })
})
