import Database from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { Call, CallId } from '../../shared/domain/llm.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { createTestClock } from '../access/testClock.ts'
import { DATABASE_FILE } from './openDatabase.ts'
import { openState } from './openState.ts'
import type { OpenReservation, State } from './repositories.ts'
import { finished } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'

const folders = useTestFolders()
const clock = createTestClock()
const ROUNDS = 8

interface Promised {
  /** `call/attempt` and what was held. */
  readonly reserved: Map<string, number>
  readonly finished: Map<CallId, number>
}

/** Lets a writer run until it has said so many lines, kills it in the middle of its work, and adds what it had promised. */
async function writeUntilKilled(dataFolder: string, lines: number, promised: Promised): Promise<void> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'testLedgerWriter.ts'), dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = 0
  const output = createInterface({ input: writer.stdout })
  output.on('line', (line) => {
    if (++said === lines) writer.kill('SIGKILL')
    const word = JSON.parse(line.endsWith('}') ? line : '{}') as { reserved?: [CallId, number, number]; finished?: [CallId, number] }
    if (word.reserved) promised.reserved.set(`${word.reserved[0]}/${word.reserved[1]}`, word.reserved[2])
    if (word.finished) promised.finished.set(...word.finished)
  })
  const [[, signal]] = (await Promise.all([once(writer, 'exit'), once(output, 'close')])) as [[number, string], unknown]
  expect(signal).toBe('SIGKILL')
}

interface Row {
  agent_id: AgentId
  entry: number
  kind: 'limit' | 'raise' | 'reserve' | 'settle'
  amount: number
  call_id: CallId | null
  attempt: number | null
}

function readRows(dataFolder: string): Row[] {
  const database = new Database(join(dataFolder, DATABASE_FILE), { readonly: true })
  try {
    return database.prepare<[], Row>('SELECT * FROM ledger').all()
  } finally {
    database.close()
  }
}

async function readCalls(state: State): Promise<Map<CallId, Call>> {
  const calls = new Map<CallId, Call>()
  await state.calls.each({}, (call) => calls.set(call.id, call))
  return calls
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

/** What must hold of the rows after every crash, and gives what is open by them. */
async function expectConsistent(state: State, dataFolder: string, promised: Promised): Promise<string[]> {
  const rows = readRows(dataFolder)
  const place = ({ agent_id, entry }: Row): string => `${agent_id}/${entry}`
  const reserves = new Map(rows.filter(({ kind }) => kind === 'reserve').map((row) => [place(row), row]))
  const settles = new Map(rows.filter(({ kind }) => kind === 'settle').map((row) => [place(row), row]))
  for (const at of settles.keys()) expect(reserves.has(at), `settlement ${at} has its reservation`).toBe(true)

  const attempts = Map.groupBy(reserves.values(), ({ call_id }) => call_id as CallId)
  const calls = await readCalls(state)
  for (const [id, call] of calls) {
    const charges = (attempts.get(id) ?? []).map((row) => settles.get(place(row))?.amount)
    expect(charges, `${id} is settled wholly`).not.toContain(undefined)
    expect(sum(charges as number[])).toBe(call.cost)
  }
  for (const [id, ofCall] of attempts) {
    if (!calls.has(id)) expect(ofCall.filter((row) => settles.has(place(row))), `${id} is not over, and nothing of it is settled`).toEqual([])
  }

  const held = new Map([...reserves.values()].map((row) => [`${row.call_id}/${row.attempt}`, row.amount]))
  for (const [attempt, amount] of promised.reserved) expect(held.get(attempt), `${attempt} was promised`).toBe(amount)
  for (const [id, cost] of promised.finished) expect(calls.get(id)?.cost, `${id} was promised`).toBe(cost)

  const spent = Map.groupBy(settles.values(), ({ agent_id }) => agent_id)
  for (const { agentId, spent: derived, calls: counted } of await state.ledger.totals()) {
    expect(derived).toBe(sum((spent.get(agentId) ?? []).map(({ amount }) => amount)))
    expect(counted).toBe([...calls.values()].filter((call) => call.agentId === agentId).length)
  }
  const { total } = await state.calls.breakdown('agent', {})
  expect(total).toBe(sum([...calls.values()].map(({ cost }) => cost)))
  return [...reserves].filter(([at]) => !settles.has(at)).map(([, row]) => `${row.call_id}/${row.attempt}`)
}

/** A call whose room died is over, and what was held for it is charged in full. */
async function settleLost(state: State, reservations: readonly OpenReservation[]): Promise<void> {
  for (const [id, open] of Map.groupBy(reservations, ({ callId }) => callId)) {
    const attempts = open.map(({ amount }) => sampleAttempt({ reserved: amount, receipt: sampleReceipt(amount, { basis: 'assumed' }) }))
    const call = sampleCall({ id, agentId: open[0]!.agentId, outcome: 'lost', attempts })
    await state.events.append([{ announcement: finished(call), at: clock.now() }])
  }
}

it('a ledger whose writer is killed at any moment keeps what it promised and adds up', async () => {
  const dataFolder = folders.make()
  const promised: Promised = { reserved: new Map(), finished: new Map() }
  let lost = 0
  for (let round = 0; round < ROUNDS; round++) {
    await writeUntilKilled(dataFolder, 1 + Math.floor(Math.random() ** 2 * 2_000), promised)
    const state = await openState({ dataFolder, clock })
    const open = await expectConsistent(state, dataFolder, promised)
    const reservations = await state.ledger.openReservations()
    expect(reservations.map(({ callId, attempt }) => `${callId}/${attempt}`).sort()).toEqual(open.sort())
    lost += reservations.length
    await settleLost(state, reservations)
    expect(await expectConsistent(state, dataFolder, promised)).toEqual([])
    expect(await state.ledger.openReservations()).toEqual([])
    await state.close()
  }
  expect(promised.reserved.size).toBeGreaterThan(ROUNDS)
  expect(lost).toBeGreaterThan(0)
})
