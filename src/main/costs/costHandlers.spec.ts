import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import type { Attempt, Call, CallId } from '../../shared/domain/llm.ts'
import { parseDollars } from '../../shared/domain/money.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import type { EventBus } from '../events/bus.ts'
import { createEventBus } from '../events/eventBus.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { finished } from '../state/testEvents.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { costHandlers } from './costHandlers.ts'
import { readCsv, readTable } from './testCsv.ts'

const folders = useTestFolders()
const AGENT = 'lg-7a3f9c2d'
const OTHER = 'ot-00000001'
const clock = createTestClock()
let state: State
let bus: EventBus

const throwing = (defect: unknown): never => {
  throw defect
}

beforeEach(async () => {
  state = await openState({ dataFolder: folders.make(), clock })
  bus = await createEventBus({ events: state.events, clock, onDefect: throwing })
})
afterEach(() => state.close())

const idOf = (number: number): CallId => `call-${number.toString(16).padStart(16, '0')}`

/** Reserves for every attempt that says so, then finishes the call. */
async function store(call: Call): Promise<void> {
  const reservations = call.attempts.flatMap((attempt, index) => (isCharged(attempt) ? [{ attempt: index + 1, amount: attempt.reserved }] : []))
  const { agentId, id: callId, model } = call
  state.ledger.append(reservations.map((one) => ({ kind: 'reserve', agentId, at: clock.now(), callId, model, ...one })))
  await bus.announce(finished(call))
}
const isCharged = ({ reserved, receipt }: Attempt): boolean => reserved > 0 || receipt !== null

type Handlers = ReturnType<typeof costHandlers>
const VIEWER = { role: 'viewer', id: 'guest' } as const
const handlers = (): Handlers => costHandlers({ calls: state.calls, bus })
const exported = async (range: Parameters<Handlers['cost.export']>[0] = {}): Promise<string> => handlers()['cost.export'](range, VIEWER)

const amountOf = (text = ''): number => parseDollars(text) ?? throwing(new Error(`"${text}" is no amount.`))
const sumOf = (csv: string): number => readTable(csv).reduce((sum, row) => sum + amountOf(row['amount_usd']), 0)
const spent = async (): Promise<number> => (await state.ledger.totals()).reduce((sum, totals) => sum + totals.spent, 0)

describe('cost.history', () => {
  it('gives what was spent by when, and the place in the sequence', async () => {
    await store(sampleCall({ id: idOf(1) }))
    await store(sampleCall({ id: idOf(2) }))
    expect(await handlers()['cost.history']({ agentId: AGENT }, VIEWER)).toEqual({ points: [{ at: clock.now(), spent: 60_000_000, calls: 2 }], seq: bus.latest() })
    expect(await handlers()['cost.history']({ agentId: OTHER }, VIEWER)).toMatchObject({ points: [] })
  })
})

describe('call.list and call.get', () => {
  it('give calls newest first, with the place in the sequence of which they are the snapshot', async () => {
    for (let i = 1; i <= 3; i++) await store(sampleCall({ id: idOf(i) }))
    const page = await handlers()['call.list']({ limit: 2 }, VIEWER)
    expect([page.calls.map(({ id }) => id), page.seq]).toEqual([[idOf(3), idOf(2)], bus.latest()])
    expect(page.next).not.toBeNull()
    const rest = await handlers()['call.list']({ limit: 2, before: page.next ?? 0 }, VIEWER)
    expect([rest.calls.map(({ id }) => id), rest.next]).toEqual([[idOf(1)], null])
    expect(await handlers()['call.get']({ callId: idOf(2) }, VIEWER)).toEqual(sampleCall({ id: idOf(2) }))
  })

  it('read the place before the list: a call in between is told twice, never left out', async () => {
    const before = bus.latest()
    const meanwhile: Pick<State, 'calls'> = {
      calls: {
        ...state.calls,
        list: async (query) => {
          await store(sampleCall())
          return state.calls.list(query)
        },
      },
    }
    const page = await costHandlers({ ...meanwhile, bus })['call.list']({ limit: 10 }, VIEWER)
    expect([page.calls.length, page.seq]).toEqual([1, before])
  })

  it('say so when there is no such call', async () => {
    await expect(handlers()['call.get']({ callId: idOf(9) }, VIEWER)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `There is no call ${idOf(9)} that is over; one under way gets its receipt at its end.`,
    })
  })
})

describe('cost.export', () => {
  it('has a line for every charge, with all that it is made of', async () => {
    const usage = { input: 900, audioInput: 10, cacheRead: 80, cacheWrite5m: 6, cacheWrite1h: 4, output: 50, reasoning: 20, audioOutput: 5, webSearch: 2 }
    const lines = Object.entries(usage).map(([part, count]) => ({ part: part as keyof typeof usage, count, perMillion: 1_000_000, amount: count }))
    const receipt = sampleReceipt(1_077, { lines, pricedAs: 'gpt-4-0613' })
    await store(sampleCall({ usage, attempts: [sampleAttempt({ receipt })] }))
    expect(readTable(await exported())).toEqual([
      {
        at: new Date(clock.now()).toISOString(),
        agent_id: AGENT,
        call_id: sampleCall().id,
        attempt: '1',
        provider: 'openai',
        mode: 'simulated',
        endpoint: 'chat/completions',
        model: 'gpt-4',
        priced_as: 'gpt-4-0613',
        outcome: 'answered',
        input_tokens: '910',
        cache_read_tokens: '80',
        cache_write_tokens: '10',
        output_tokens: '55',
        reasoning_tokens: '20',
        web_searches: '2',
        basis: 'reported',
        is_price_estimated: 'false',
        amount_usd: '0.000001077',
      },
    ])
  })

  it('sums up to what the ledger says was spent: estimated, assumed, failed and free attempts with it', async () => {
    const failed = sampleAttempt({ status: 500, problem: 'It failed.', receipt: null })
    await store(sampleCall({ id: idOf(1), attempts: [sampleAttempt({ receipt: sampleReceipt(7, { isPriceEstimated: true }) })] }))
    await store(sampleCall({ id: idOf(2), outcome: 'lost', status: null, attempts: [sampleAttempt({ status: null, receipt: sampleReceipt(60_000_001, { basis: 'assumed' }) })] }))
    await store(sampleCall({ id: idOf(3), attempts: [failed, sampleAttempt({ receipt: sampleReceipt(11, { basis: 'counted' }) })] }))
    await store(sampleCall({ id: idOf(4), outcome: 'failed', attempts: [sampleAttempt({ receipt: sampleReceipt(3) }), failed] }))
    await store(sampleCall({ id: idOf(5), agentId: OTHER, attempts: [sampleAttempt({ receipt: sampleReceipt(999_999_999_999) })] }))
    await store(sampleCall({ id: idOf(6), outcome: 'refused', refusal: 'budget', attempts: [], usage: {} }))
    await store(sampleCall({ id: idOf(7), endpoint: 'models', attempts: [sampleAttempt({ reserved: 0, receipt: null })], usage: {} }))

    const csv = await exported()
    expect(sumOf(csv)).toBe(await spent())
    const rows = readTable(csv).map((row) => [row['call_id'], row['attempt'], row['outcome'], row['basis'], row['is_price_estimated'], row['amount_usd']])
    expect(rows).toEqual([
      [idOf(1), '1', 'answered', 'reported', 'true', '0.000000007'],
      [idOf(2), '1', 'lost', 'assumed', 'false', '0.060000001'],
      [idOf(3), '1', 'failed', '', '', '0.00'],
      [idOf(3), '2', 'answered', 'counted', 'false', '0.000000011'],
      [idOf(4), '1', 'failed', 'reported', 'false', '0.000000003'],
      [idOf(4), '2', 'failed', '', '', '0.00'],
      [idOf(5), '1', 'answered', 'reported', 'false', '999.999999999'],
    ])
    const breakdowns = await Promise.all((['agent', 'model', 'hour'] as const).map((by) => state.calls.breakdown(by, {})))
    expect(breakdowns.map(({ total }) => total)).toEqual([1, 2, 3].map(() => sumOf(csv)))
  })

  it('takes one agent and a stretch of time, as the breakdown of the same range does', async () => {
    for (let i = 0; i < 6; i++) {
      await store(sampleCall({ id: idOf(i), agentId: i % 2 === 0 ? AGENT : OTHER, attempts: [sampleAttempt({ receipt: sampleReceipt(10 ** i) })] }))
      clock.advance(1_000)
    }
    const range = { agentId: AGENT, from: clock.now() - 4_000, until: clock.now() - 1_000 }
    const csv = await exported(range)
    expect(readTable(csv).map((row) => row['call_id'])).toEqual([idOf(2), idOf(4)])
    expect((await handlers()['cost.breakdown']({ by: 'agent', ...range }, VIEWER)).total).toBe(sumOf(csv))
    expect(readTable(await exported({ from: clock.now() }))).toEqual([])
  })

  it.each(['=HYPERLINK("http://example.test")', '+1', '-1+1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1'])(
    'does not let a model called %j become a formula',
    async (model) => {
      await store(sampleCall({ model, attempts: [sampleAttempt({ receipt: sampleReceipt(5, { pricedAs: model }) })] }))
      const [row] = readTable(await exported())
      expect([row?.['model'], row?.['priced_as']]).toEqual([`'${model}`, `'${model}`])
    },
  )

  it.each(['a,b', 'say "hi"', 'two\r\nlines', 'Ünïcode 🚀', '', "it's"])('carries a model called %j through', async (model) => {
    await store(sampleCall({ model }))
    const csv = await exported()
    expect(readTable(csv)[0]?.['model']).toBe(model)
    expect(readCsv(csv).map((cells) => cells.length)).toEqual([19, 19])
  })

  it('is its first line where there is nothing', async () => {
    expect(await exported()).toMatch(/^at,agent_id,.*,amount_usd\r\n$/)
  })

  it('is refused in a sentence where it would be too large for one answer', async () => {
    for (let i = 0; i < 20; i++) await store(sampleCall({ id: idOf(i) }))
    const small = costHandlers({ calls: state.calls, bus, largestExport: 2_000 })
    await expect(small['cost.export']({}, VIEWER)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'There are more charges than fit into one export; take them in parts, with "from" and "until".',
    })
  })
})
