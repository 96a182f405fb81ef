import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { median, now, pause, rounded } from './measure.ts'
import type { ViewersOrder, ViewersReport } from './viewersClient.ts'
import { openBareServer, openRoomServer, type WatchedServer } from './viewersServers.ts'

/**
 * How long an event takes to the slowest of many viewers, and what it costs the server, beside `ws` alone on the same machine
 * in the same minute. `node bench/viewers.ts [seconds]`
 */

const EVENTS_PER_SECOND = 200
const SECONDS = Number(process.argv[2] ?? 4)
const ROUNDS = 3
/** Until what the kernel keeps for a viewer that never reads is full, and ten seconds more. */
const LONG_ENOUGH = 30
/** A server that needs so many times as long has lost; it need not go on to the end. */
const MOST_LATE = 2

interface Scenario {
  readonly name: string
  readonly isBare?: boolean
  readonly viewers: number
  readonly hasStuckViewer?: boolean
  readonly eventBytes: number
}

interface Result extends ViewersReport {
  readonly scenario: string
  readonly events: number
  readonly cpuMsPerEvent: number
  readonly cpuShare: number
  /** When the viewer that never reads was dropped; null when there was none, or it was not. */
  readonly stuckDroppedAfterMs: number | null
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'nobody watches', viewers: 0, eventBytes: 100 },
  { name: '1 viewer', viewers: 1, eventBytes: 100 },
  { name: '100 viewers', viewers: 100, eventBytes: 100 },
  { name: '100 viewers, bare ws', isBare: true, viewers: 100, eventBytes: 100 },
  { name: '1,000 viewers', viewers: 1000, eventBytes: 100 },
  { name: '1,000 viewers, bare ws', isBare: true, viewers: 1000, eventBytes: 100 },
  { name: '100 viewers, 4 KB events', viewers: 100, eventBytes: 4000 },
  { name: 'and one that never reads', viewers: 100, hasStuckViewer: true, eventBytes: 4000 },
]

/** Announces evenly; gives how many. A server that is too busy to announce in time is late: each event counts from when it was due. */
async function announce(server: WatchedServer, seconds: number, eventBytes: number): Promise<number> {
  const padding = 'x'.repeat(eventBytes)
  const begin = now()
  const total = seconds * EVENTS_PER_SECOND
  const stored: Promise<unknown>[] = []
  while (stored.length < total && now() - begin < seconds * MOST_LATE * 1000) {
    const sentAt = begin + (stored.length * 1000) / EVENTS_PER_SECOND
    if (sentAt <= now()) stored.push(server.announce({ sentAt, padding }))
    else await pause(1)
  }
  await Promise.all(stored)
  return stored.length
}

async function measure({ name, isBare = false, viewers, hasStuckViewer = false, eventBytes }: Scenario): Promise<Result> {
  let droppedAt: number | null = null
  const server = isBare ? await openBareServer() : await openRoomServer(() => (droppedAt ??= now()))
  const client = fork(join(import.meta.dirname, 'viewersClient.ts'))
  client.send({ url: server.url, token: server.token, viewers, hasStuckViewer } satisfies ViewersOrder)
  await once(client, 'message')
  await announce(server, 1, eventBytes)
  // The last event of the warm-up has to be past, and the last measured one has to arrive.
  await pause(500)
  client.send('measure')
  const cpu = process.cpuUsage()
  const begin = now()
  const events = await announce(server, hasStuckViewer ? Math.max(SECONDS, LONG_ENOUGH) : SECONDS, eventBytes)
  const used = process.cpuUsage(cpu)
  const lasted = now() - begin
  await pause(1000)
  client.send('report')
  const [report] = (await once(client, 'message')) as [ViewersReport]
  await server.close()

  const cpuMs = (used.user + used.system) / 1000
  return {
    scenario: name,
    ...report,
    events,
    cpuMsPerEvent: cpuMs / events,
    cpuShare: cpuMs / lasted,
    stuckDroppedAfterMs: droppedAt === null ? null : droppedAt - begin,
  }
}

const results = new Map<string, Result[]>(SCENARIOS.map(({ name }) => [name, []]))
// In turns, so that a slow minute of the machine falls on all of them.
for (let round = 0; round < ROUNDS; round++) {
  for (const scenario of SCENARIOS) {
    if (scenario.hasStuckViewer && round > 0) continue
    results.get(scenario.name)!.push(await measure(scenario))
  }
}

const of = (scenario: string): readonly Result[] => results.get(scenario) ?? []
const middle = (scenario: string, value: (result: Result) => number): number => median(of(scenario).map(value))
/** Of each round by itself: what slows one down for a while slows down its neighbour. */
const ratio = (scenario: string, value: (result: Result) => number): number =>
  rounded(median(of(scenario).map((ours, round) => value(ours) / value(of(`${scenario}, bare ws`)[round]!))))

console.table(
  Object.fromEntries(
    SCENARIOS.map(({ name, viewers }) => [
      name,
      {
        'slowest p50 ms': viewers > 0 ? rounded(middle(name, ({ slowest }) => slowest.p50)) : '–',
        'slowest p99 ms': viewers > 0 ? rounded(middle(name, ({ slowest }) => slowest.p99)) : '–',
        'best round p99 ms': viewers > 0 ? rounded(Math.min(...of(name).map(({ slowest }) => slowest.p99))) : '–',
        'CPU ms/event': rounded(middle(name, ({ cpuMsPerEvent }) => cpuMsPerEvent)),
        'CPU %': Math.round(middle(name, ({ cpuShare }) => cpuShare) * 100),
        'least received': Math.min(...of(name).map(({ fewest, events }) => (viewers > 0 ? fewest / events : 1))),
        'stuck dropped s': rounded((of(name)[0]?.stuckDroppedAfterMs ?? NaN) / 1000) || '–',
      },
    ]),
  ),
)
console.log(
  JSON.stringify({
    bench: 'viewers',
    eventsPerSecond: EVENTS_PER_SECOND,
    slowestP99Ms: rounded(middle('100 viewers', ({ slowest }) => slowest.p99)),
    goal: 100,
    bestSlowestP99Ms: rounded(Math.min(...of('100 viewers').map(({ slowest }) => slowest.p99))),
    slowestP99ToBare: { 100: ratio('100 viewers', ({ slowest }) => slowest.p99), 1000: ratio('1,000 viewers', ({ slowest }) => slowest.p99) },
    cpuToBare: { 100: ratio('100 viewers', ({ cpuMsPerEvent }) => cpuMsPerEvent), 1000: ratio('1,000 viewers', ({ cpuMsPerEvent }) => cpuMsPerEvent) },
    stuckViewerDroppedAfterS: rounded((of('and one that never reads')[0]?.stuckDroppedAfterMs ?? NaN) / 1000),
    slowestP99MsBesideStuckViewer: rounded(middle('and one that never reads', ({ slowest }) => slowest.p99)),
  }),
)
