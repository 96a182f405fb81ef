import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { NUMBER_HEADER, openBillingUpstream, requestOf, type BillingUpstream } from './testBillingUpstream.ts'
import type { MortalReport } from './testMortalRoom.ts'

const folders = useTestFolders()
const LANES = 4
const KILLS_IN_LANE = 50
const CLIENTS = 8
/** One in so many rooms dies before it is open: in the middle of its recovery. */
const EARLY = 6

/** Mulberry32: the same kills in every run, as far as the machine lets them be the same. */
function createChance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below
  }
}

interface Lane {
  readonly dataFolder: string
  readonly upstream: BillingUpstream
  readonly cacheFolder: string
  /** Numbers by the worst case that was held for them. */
  readonly sent: Map<number, number>
  /** Calls whose whole answer a client has. */
  readonly answered: Set<number>
}

function openRoom({ dataFolder, upstream, cacheFolder }: Lane): ChildProcess {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: cacheFolder }
  const options = { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] as ('ignore' | 'inherit' | 'ipc')[] }
  return fork(join(import.meta.dirname, 'testMortalRoom.ts'), [dataFolder, upstream.url], options)
}

/** Asks one after the other until the room is gone. */
async function keepAsking(base: string, lane: Lane): Promise<void> {
  for (;;) {
    const number = lane.sent.size + 1
    const { body, worstCase } = requestOf(number)
    lane.sent.set(worstCase, number)
    try {
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-invented', [NUMBER_HEADER]: String(number) }
      const response = await fetch(`${base}/chat/completions`, { method: 'POST', headers, body })
      const text = await response.text()
      if (response.status === 200 && text.includes('"usage"')) lane.answered.add(number)
    } catch {
      return
    }
  }
}

/** A room lives for a while; it is dead for good when this resolves. */
async function liveAndDie(lane: Lane, chance: (below: number) => number): Promise<void> {
  const room = openRoom(lane)
  const exited = once(room, 'exit')
  const kill = (delayMs: number): void => void setTimeout(() => room.kill('SIGKILL'), delayMs)
  if (chance(EARLY) < 1) kill(chance(250))
  const opened = await Promise.race([once(room, 'message').then(([report]) => report as MortalReport), exited.then(() => null)])
  if (opened) {
    expectKept(opened, lane)
    let left = Math.floor(chance(20))
    const delayMs = chance(4)
    lane.upstream.onBill = () => {
      if (left-- === 0) kill(delayMs)
    }
    await Promise.all(Array.from({ length: CLIENTS }, () => keepAsking(opened.openai, lane)))
  }
  const [, signal] = (await exited) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  await lane.upstream.quiet()
}

interface Kept {
  readonly answered: number
  readonly lost: number
  /** What the ledger has beyond the upstream's bill, by call. */
  readonly beyond: Map<number, number>
}

/** What must hold each time a room has opened. */
function expectKept({ openReservations, spent, calls }: MortalReport, { sent, answered, upstream }: Lane): Kept {
  const { bills } = upstream
  expect(openReservations).toBe(0)
  const charged = new Set<number>()
  const beyond = new Map<number, number>()
  let lost = 0
  for (const { id, outcome, attempts, cost } of calls) {
    const [attempt, ...more] = attempts
    expect([id, more]).toEqual([id, []])
    const number = sent.get(attempt!.reserved)
    expect(number, `${id} held the worst case of a call that was sent`).toBeDefined()
    expect(charged.has(number!), `call ${number} is charged once`).toBe(false)
    charged.add(number!)
    const bill = bills.get(number!)
    if (outcome === 'lost') {
      lost++
      expect([attempt!.receipt?.basis, cost]).toEqual(['assumed', attempt!.reserved])
      if (cost !== (bill ?? 0)) beyond.set(number!, cost - (bill ?? 0))
    } else {
      expect([number, outcome, attempt!.receipt?.basis, cost]).toEqual([number, 'answered', 'reported', bill])
    }
  }
  expect([...bills.keys()].filter((number) => !charged.has(number)), 'billed, but not in the ledger').toEqual([])
  expect([...answered].filter((number) => !charged.has(number)), 'answered, but not in the ledger').toEqual([])
  expect(spent).toBe(sum(calls.map(({ cost }) => cost)))
  expect(spent - sum([...beyond.values()]), 'the ledger, less what it shows as assumed, is the bill').toBe(sum([...bills.values()]))
  return { answered: calls.length - lost, lost, beyond }
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

/** Lives and deaths on one data folder, and what is kept at the end. */
async function killAgainAndAgain(lane: Lane, seed: number): Promise<Kept> {
  const chance = createChance(seed)
  for (let death = 0; death < KILLS_IN_LANE; death++) await liveAndDie(lane, chance)
  return expectKept(await openAndClose(lane), lane)
}

async function openAndClose(lane: Lane): Promise<MortalReport> {
  const room = openRoom(lane)
  const exited = once(room, 'exit')
  const [report] = (await once(room, 'message')) as [MortalReport]
  room.disconnect()
  expect(await exited).toEqual([0, null])
  return report
}

it('a room that is killed two hundred times, at any moment, has charged what the upstream billed', { timeout: 240_000 }, async () => {
  const cacheFolder = folders.make()
  const shares = Array.from({ length: LANES }, (_, index) => (index % 2 === 0 ? 1 : 0.4))
  const lanes = await Promise.all(
    shares.map(async (share): Promise<Lane> => {
      const upstream = await openBillingUpstream(share)
      return { dataFolder: folders.make(), upstream, cacheFolder, sent: new Map(), answered: new Set() }
    }),
  )
  try {
    // Only a process that ends by itself leaves what it compiled to the others, which then start in half the time.
    await openAndClose({ ...lanes[0]!, dataFolder: folders.make() })
    const kept = await Promise.all(lanes.map((lane, index) => killAgainAndAgain(lane, 20_261_121 + index)))
    for (const [index, { answered, lost, beyond }] of kept.entries()) {
      const { bills } = lanes[index]!.upstream
      expect(answered).toBeGreaterThan(KILLS_IN_LANE)
      expect(lost).toBeGreaterThan(KILLS_IN_LANE / 4)
      // Where the worst case is what was billed, only what never arrived is beyond the bill.
      if (shares[index] === 1) expect([...beyond.keys()].filter((number) => bills.has(number))).toEqual([])
    }
  } finally {
    for (const { upstream } of lanes) await upstream.close()
  }
})
