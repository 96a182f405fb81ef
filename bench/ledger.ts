import Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEventBus } from '../src/main/events/eventBus.ts'
import type { EventBus } from '../src/main/events/bus.ts'
import { openState } from '../src/main/state/openState.ts'
import type { State } from '../src/main/state/repositories.ts'
import { systemClock } from '../src/main/systemPorts.ts'
import { AGENT, AMOUNT, AT, costOf, type Cost, type Subject, type Work } from './ledgerWork.ts'
import { median, rounded } from './measure.ts'

/**
 * Microseconds for what the state does about one call: hold its worst case, and at its end charge it, store its event and its receipt.
 * Beside it a bare better-sqlite3 loop that inserts a row for the reservation and, in one transaction, a row with the receipt and a row
 * for the charge: the least that says the same.
 */

const ONE_BY_ONE = 6_000
const IN_BURSTS = 32_000
const BURST = 64
const ROUNDS = 9

async function inFolder<R>(measure: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'control-room-bench-'))
  try {
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function withBare<R>(measure: (subject: Subject) => Promise<R>): Promise<R> {
  return inFolder(async (folder) => {
    const database = new Database(join(folder, 'bare.db'))
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
    database.exec(`
      CREATE TABLE reservations (seq INTEGER PRIMARY KEY, agent_id TEXT, call_id TEXT, amount INTEGER) STRICT;
      CREATE TABLE charges (seq INTEGER PRIMARY KEY, agent_id TEXT, amount INTEGER) STRICT;
      CREATE TABLE receipts (seq INTEGER PRIMARY KEY, at INTEGER, payload TEXT) STRICT`)
    const reserve = database.prepare('INSERT INTO reservations (agent_id, call_id, amount) VALUES (?, ?, ?)')
    const charge = database.prepare('INSERT INTO charges (agent_id, amount) VALUES (?, ?)')
    const receipt = database.prepare('INSERT INTO receipts (at, payload) VALUES (?, ?)')
    const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')]
    const inTransaction = (works: readonly Work[], action: (work: Work) => void): void => {
      begin.run()
      works.forEach(action)
      commit.run()
    }
    try {
      return await measure({
        hold: (works) => inTransaction(works, ({ id }) => void reserve.run(AGENT, id, AMOUNT)),
        finish: async (works) =>
          inTransaction(works, ({ finished }) => {
            charge.run(AGENT, AMOUNT)
            receipt.run(AT, JSON.stringify(finished.payload))
          }),
      })
    } finally {
      database.close()
    }
  })
}

function withState<R>(measure: (subject: Subject) => Promise<R>): Promise<R> {
  return inFolder(async (dataFolder) => {
    const state: State = await openState({ dataFolder, clock: systemClock })
    const bus: EventBus = await createEventBus({ events: state.events, clock: systemClock, onDefect: (defect) => console.error(defect) })
    try {
      return await measure({
        hold: (works) => state.ledger.append(works.map(({ reserve }) => reserve)),
        finish: (works) => Promise.all(works.map(({ finished }) => bus.announce(finished))),
      })
    } finally {
      await state.close()
    }
  })
}

const subjects = {
  'bare, one by one': () => withBare((bare) => costOf(bare, ONE_BY_ONE, 1)),
  'state, one by one': () => withState((state) => costOf(state, ONE_BY_ONE, 1)),
  'bare, 64 in a turn': () => withBare((bare) => costOf(bare, IN_BURSTS, BURST)),
  'state, 64 in a turn': () => withState((state) => costOf(state, IN_BURSTS, BURST)),
}
type Name = keyof typeof subjects

const names = Object.keys(subjects) as Name[]
const results = new Map<Name, Cost[]>(names.map((name) => [name, []]))
// In turns, so that a slow minute of the machine falls on all of them.
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of names) {
    const result = await subjects[name]()
    if (round > 0) results.get(name)?.push(result)
  }
}

const of = (name: Name): readonly Cost[] => results.get(name) ?? []
const all = ({ hold, finish }: Cost): number => hold + finish
const figure = (name: Name, part: (cost: Cost) => number): number => rounded(median(of(name).map(part)))
/** Of each round by itself: what slows one down for a while slows down its neighbour. */
const ratio = (ours: Name, bare: Name): number => rounded(median(of(ours).map((cost, round) => all(cost) / all(of(bare)[round]!))))

for (const name of names) {
  const [hold, finish] = [figure(name, (cost) => cost.hold), figure(name, (cost) => cost.finish)]
  console.log(`${name.padEnd(22)} hold ${String(hold).padStart(5)} µs, finish ${String(finish).padStart(5)} µs a call`)
}
const report = (ours: Name, bare: Name) => ({
  holdUs: figure(ours, (cost) => cost.hold),
  finishUs: figure(ours, (cost) => cost.finish),
  ratio: ratio(ours, bare),
})
console.log(
  JSON.stringify({
    bench: 'ledger',
    oneByOne: report('state, one by one', 'bare, one by one'),
    bursts: report('state, 64 in a turn', 'bare, 64 in a turn'),
  }),
)
