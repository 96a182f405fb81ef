import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CallId } from '../../shared/domain/llm.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { systemClock } from '../systemPorts.ts'
import { openState } from './openState.ts'
import { openPostgresState } from './postgres/openPostgresState.ts'
import { findPostgres, startPostgres, type TestPostgres } from './postgres/testPostgres.ts'
import { createSharedBudgets, type BudgetTruth, type Hold, type SharedBudgets } from './redis/sharedBudgets.ts'
import { hasRedis, startRedis, type TestRedis } from './redis/testRedis.ts'
import type { State } from './repositories.ts'
import { recordedEvent, recordId, sampleRecord } from './testAudit.ts'
import { finished, note } from './testEvents.ts'

const AGENT = 'lg-7a3f9c2d'
const programs = findPostgres()
const isHere = programs !== null && hasRedis()

describe.skipIf(!isHere)(`two instances that share one state${isHere ? '' : ' (not installed here: PostgreSQL 15 or newer, or redis-server)'}`, () => {
  let server: TestPostgres
  let redis: TestRedis
  let folder: string
  let states: State[]
  beforeAll(async () => {
    server = await startPostgres(programs ?? '')
    redis = await startRedis()
  })
  afterAll(async () => {
    await server.stop()
    await redis.stop()
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'control-room-'))
    const url = await server.lend()
    // At once: also the schema is made by one of them.
    states = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const machine = await openState({ dataFolder: join(folder, name), clock: systemClock })
        return openPostgresState({ url, instance: name, isShared: true, machine, clock: systemClock, auditKey: Buffer.alloc(32, 7) })
      }),
    )
  })
  afterEach(async () => {
    for (const state of states) await state.close()
    await server.takeBack()
    rmSync(folder, { recursive: true, force: true })
  })

  const on = (index: number): State => states[index % 2] as State
  const idOf = (number: number): CallId => `call-${number.toString(16).padStart(16, '0')}`

  it('give each event a place of its own, without a hole, and the audit its one chain', async () => {
    const appended = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const announcements = index % 4 === 0 ? [recordedEvent(sampleRecord({ id: recordId(index) }))] : [note(`one ${index}`), note(`two ${index}`)]
        return on(index).events.append(announcements.map((announcement) => ({ announcement, at: 1 })))
      }),
    )
    const seqs = appended.flat().map(({ seq }) => seq).sort((one, other) => one - other)
    expect(seqs).toEqual(Array.from({ length: 70 }, (_, index) => index + 1))
    expect((await on(0).events.after(0, 100)).map(({ seq }) => seq)).toEqual(seqs)
    expect(await on(1).safetyAudit.verify()).toEqual({ records: 10, firstBad: null, isSealChecked: true })
  })

  it('spend of one budget with a hundred calls at once and are never over; ledger and server agree to the last nanodollar', async () => {
    const limit = 1_000_000_007
    const truthOf = async (): Promise<BudgetTruth | null> => (await on(0).ledger.totals()).find(({ agentId }) => agentId === AGENT) ?? null
    const shared: SharedBudgets[] = []
    for (const instance of ['one', 'other']) shared.push(await createSharedBudgets({ url: redis.url, group: 'invented', instance, clock: systemClock, truthOf }))
    await on(0).ledger.append([{ kind: 'limit', agentId: AGENT, at: 1, amount: limit }])
    await (shared[0] as SharedBudgets).begin(AGENT, limit)

    const call = async (index: number): Promise<number | null> => {
      const [state, budgets] = [on(index), shared[index % 2] as SharedBudgets]
      const hold: Hold = { budget: AGENT, callId: idOf(index), attempt: 1, amount: 30_000_001 }
      if ((await budgets.reserve(hold)).outcome !== 'held') return null
      await state.ledger.append([{ kind: 'reserve', agentId: AGENT, at: 2, callId: hold.callId, attempt: 1, model: 'gpt-4', amount: hold.amount }])
      const used = hold.amount - index
      await state.events.append([{ announcement: finished(sampleCall({ id: hold.callId, agentId: AGENT, attempts: [sampleAttempt({ reserved: hold.amount, receipt: sampleReceipt(used) })] })), at: 3 }])
      await budgets.settle(hold, used)
      return used
    }
    const charged = (await Promise.all(Array.from({ length: 100 }, (_, index) => call(index)))).filter((one) => one !== null)
    const spent = charged.reduce((sum, one) => sum + one, 0)
    expect(charged.length).toBeGreaterThanOrEqual(33)
    expect(spent).toBeLessThanOrEqual(limit)
    expect(await on(1).ledger.totals()).toEqual([{ agentId: AGENT, limit, spent, raises: 0, calls: charged.length }])
    expect(await on(1).ledger.openReservations()).toEqual([])
    expect(await (shared[1] as SharedBudgets).totals(AGENT)).toEqual({ limit, spent, reserved: 0 })
    for (const one of shared) await one.close()
  })

  it('number the entries of one agent together', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, index) => on(index).ledger.append([{ kind: 'raise', agentId: AGENT, at: 1, amount: 1, actor: 'owner', reason: 'invented' }])))
    expect(await on(0).ledger.totals()).toMatchObject([{ limit: 40, raises: 40 }])
  })
})
