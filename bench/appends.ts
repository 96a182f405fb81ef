import Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEventBus } from '../src/main/events/eventBus.ts'
import { openState } from '../src/main/state/openState.ts'
import type { State } from '../src/main/state/repositories.ts'
import { systemClock } from '../src/main/systemPorts.ts'
import type { Announcement } from '../src/shared/domain/event.ts'

/**
 * Events per second through the event store and the bus, beside a bare better-sqlite3 loop that inserts the same rows with the same
 * pragmas. Ours numbers, freezes, serialises, projects and keeps the sequence; the bare loop is handed finished columns.
 */

const ONE_BY_ONE = 12_000
const IN_BATCHES = 64_000
const BATCH = 64
const ROUNDS = 11

const text = 'An invented sentence of the length that such sentences have, for people.'
const payload = { fields: { step: 23, of: 100, place: 'somewhere in the middle', detail: 'x'.repeat(120) } }

const announcement: Announcement = { name: 'log.written', agentId: 'lg-7a3f9c2d', severity: 'INFO', message: text, payload }
const pending = { announcement, at: 1_795_225_354_631 }

function eventsPerSecond(count: number, startedAt: number): number {
  return (count / (performance.now() - startedAt)) * 1000
}

async function inFolder<R>(measure: (folder: string) => R | Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'control-room-bench-'))
  try {
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Bare {
  insert(): void
  inTransaction(action: () => void): void
}

function withBare(measure: (bare: Bare) => number): Promise<number> {
  return inFolder((folder) => {
    const database = new Database(join(folder, 'bare.db'))
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
    database.pragma('foreign_keys = ON')
    database.exec(`CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, severity TEXT NOT NULL,
      agent_id TEXT, message TEXT NOT NULL, payload TEXT NOT NULL) STRICT`)
    const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)')
    const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')]
    const written = JSON.stringify(payload)
    let seq = 0
    try {
      return measure({
        insert: () => void insert.run(++seq, 1_795_225_354_631, 'log.written', 'INFO', 'lg-7a3f9c2d', text, written),
        inTransaction(action) {
          begin.run()
          action()
          commit.run()
        },
      })
    } finally {
      database.close()
    }
  })
}

function withState(measure: (state: State) => Promise<number>): Promise<number> {
  return inFolder(async (dataFolder) => {
    const state = await openState({ dataFolder, clock: systemClock })
    try {
      return await measure(state)
    } finally {
      await state.close()
    }
  })
}

const subjects = {
  'bare loop, one by one': () =>
    withBare((bare) => {
      const startedAt = performance.now()
      for (let i = 0; i < ONE_BY_ONE; i++) bare.insert()
      return eventsPerSecond(ONE_BY_ONE, startedAt)
    }),
  'event store, one by one': () =>
    withState(async ({ events }) => {
      const startedAt = performance.now()
      for (let i = 0; i < ONE_BY_ONE; i++) await events.append([pending])
      return eventsPerSecond(ONE_BY_ONE, startedAt)
    }),
  'bare loop, in batches of 64': () =>
    withBare((bare) => {
      const startedAt = performance.now()
      for (let done = 0; done < IN_BATCHES; done += BATCH) {
        bare.inTransaction(() => {
          for (let i = 0; i < BATCH; i++) bare.insert()
        })
      }
      return eventsPerSecond(IN_BATCHES, startedAt)
    }),
  'event store, in batches of 64': () =>
    withState(async ({ events }) => {
      const batch = Array.from({ length: BATCH }, () => pending)
      const startedAt = performance.now()
      for (let done = 0; done < IN_BATCHES; done += BATCH) await events.append(batch)
      return eventsPerSecond(IN_BATCHES, startedAt)
    }),
  'bus, 64 announced in a turn': () =>
    withState(async ({ events }) => {
      const bus = await createEventBus({ events, clock: systemClock, onDefect: (defect) => console.error(defect) })
      bus.listen(() => {})
      const startedAt = performance.now()
      for (let done = 0; done < IN_BATCHES; done += BATCH) {
        await Promise.all(Array.from({ length: BATCH }, () => bus.announce(announcement)))
      }
      return eventsPerSecond(IN_BATCHES, startedAt)
    }),
  'bus, one announced and awaited': () =>
    withState(async ({ events }) => {
      const bus = await createEventBus({ events, clock: systemClock, onDefect: (defect) => console.error(defect) })
      const startedAt = performance.now()
      for (let i = 0; i < ONE_BY_ONE; i++) await bus.announce(announcement)
      return eventsPerSecond(ONE_BY_ONE, startedAt)
    }),
}
type Subject = keyof typeof subjects

const names = Object.keys(subjects) as Subject[]
const results = new Map<Subject, number[]>(names.map((name) => [name, []]))
// In turns, so that a slow minute of the machine falls on all of them.
for (let round = 0; round <= ROUNDS; round++) {
  for (const name of names) {
    const result = await subjects[name]()
    if (round > 0) results.get(name)?.push(result)
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const of = (name: Subject): readonly number[] => results.get(name) ?? []
/** Of each round by itself: what slows one down for a while slows down its neighbour. */
const ratio = (ours: Subject, bare: Subject): number => Math.round(median(of(ours).map((value, round) => value / (of(bare)[round] ?? 0))) * 100) / 100

for (const name of names) console.log(`${name.padEnd(34)} ${Math.round(median(of(name))).toLocaleString('en').padStart(9)} events/s`)
console.log(
  JSON.stringify({
    bench: 'appends',
    oneByOne: ratio('event store, one by one', 'bare loop, one by one'),
    batches: ratio('event store, in batches of 64', 'bare loop, in batches of 64'),
    busBatches: ratio('bus, 64 announced in a turn', 'bare loop, in batches of 64'),
    busBatchesToOneByOne: ratio('bus, 64 announced in a turn', 'bare loop, one by one'),
    busOneByOne: ratio('bus, one announced and awaited', 'bare loop, one by one'),
    goal: 0.7,
  }),
)
