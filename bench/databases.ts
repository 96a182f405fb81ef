import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEventBus } from '../src/main/events/eventBus.ts'
import { openState } from '../src/main/state/openState.ts'
import { openPostgresState } from '../src/main/state/postgres/openPostgresState.ts'
import { findPostgres, startPostgres } from '../src/main/state/postgres/testPostgres.ts'
import type { State } from '../src/main/state/repositories.ts'
import { systemClock } from '../src/main/systemPorts.ts'
import { costOf, type Cost } from './ledgerWork.ts'
import { median, rounded } from './measure.ts'

/** What a call costs the database, in PostgreSQL on this machine beside the SQLite file: the very same repositories and bus, on a server that waits for its disk. */

const ONE_BY_ONE = 300
const IN_BURSTS = 3_200
const BURST = 64
const ROUNDS = 5

async function measured(state: State, count: number, atOnce: number): Promise<Cost> {
  const bus = await createEventBus({ events: state.events, clock: systemClock, onDefect: (defect) => console.error(defect) })
  return costOf(
    {
      hold: (works) => state.ledger.append(works.map(({ reserve }) => reserve)),
      finish: (works) => Promise.all(works.map(({ finished }) => bus.announce(finished))),
    },
    count,
    atOnce,
  )
}

async function compare(programs: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'control-room-bench-'))
  const server = await startPostgres(programs, { isDurable: true })
  const file = await openState({ dataFolder: join(folder, 'file'), clock: systemClock })
  const machine = await openState({ dataFolder: join(folder, 'machine'), clock: systemClock })
  const postgres = await openPostgresState({ url: await server.lend(), instance: 'bench', machine, clock: systemClock })
  try {
    const report: Record<string, { holdUs: number; finishUs: number; ratio: number }> = {}
    for (const [name, count, atOnce] of [['oneByOne', ONE_BY_ONE, 1], ['bursts', IN_BURSTS, BURST]] as const) {
      const rounds: { ours: Cost; beside: Cost }[] = []
      // In turns, so that a slow minute of the machine falls on both.
      for (let round = 0; round <= ROUNDS; round++) {
        const pair = { beside: await measured(file, count, atOnce), ours: await measured(postgres, count, atOnce) }
        if (round > 0) rounds.push(pair)
      }
      const all = ({ hold, finish }: Cost): number => hold + finish
      report[name] = {
        holdUs: rounded(median(rounds.map(({ ours }) => ours.hold))),
        finishUs: rounded(median(rounds.map(({ ours }) => ours.finish))),
        ratio: rounded(median(rounds.map(({ ours, beside }) => all(ours) / all(beside)))),
      }
      console.log(name, report[name])
    }
    console.log(JSON.stringify({ bench: 'databases', ...report }))
  } finally {
    await file.close()
    await postgres.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const programs = findPostgres()
if (programs === null) console.log(JSON.stringify({ bench: 'databases' }))
else await compare(programs)
