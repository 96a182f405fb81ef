import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ViewersOrder, ViewersReport } from './viewersClient.ts'
import { openBareServer, openRoomServer, type WatchedServer } from './viewersServers.ts'

/**
 * How long an event takes to the slowest of many viewers, and what it costs the server, beside `ws` alone on the same machine
 * in the same minute. `node bench/viewers.ts [seconds]`
 */

const EVENTS_PER_SECOND = 200
const SECONDS = Number(process.argv[2] ?? 10)
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
  { name: '100 viewers, 8 KB events', viewers: 100, eventBytes: 8000 },
  { name: 'and one that never reads', viewers: 100, hasStuckViewer: true, eventBytes: 8000 },
]

const now = (): number => Number(process.hrtime.bigint()) / 1e6
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

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
  const events = await announce(server, hasStuckViewer ? Math.max(SECONDS, 20) : SECONDS, eventBytes)
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

const results: Result[] = []
for (const scenario of SCENARIOS) results.push(await measure(scenario))

const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : '–')
console.table(
  Object.fromEntries(
    results.map((result) => [
      result.scenario,
      {
        'slowest p50 ms': ms(result.slowest.p50),
        'slowest p99 ms': ms(result.slowest.p99),
        'all p50 ms': ms(result.all.p50),
        'all p99 ms': ms(result.all.p99),
        'CPU ms/event': result.cpuMsPerEvent.toFixed(3),
        'CPU %': (result.cpuShare * 100).toFixed(0),
        'fewest of': `${result.fewest}/${result.events}`,
        'stuck dropped s': result.stuckDroppedAfterMs === null ? '–' : (result.stuckDroppedAfterMs / 1000).toFixed(1),
      },
    ]),
  ),
)

const of = (scenario: string): Result => results.find((result) => result.scenario === scenario)!
const ratios = Object.fromEntries(
  [100, 1000].map((viewers) => {
    const name = `${viewers.toLocaleString('en')} viewers`
    const [ours, bare] = [of(name), of(`${name}, bare ws`)]
    return [name, { cpu: ours.cpuMsPerEvent / bare.cpuMsPerEvent, slowestP99: ours.slowest.p99 / bare.slowest.p99 }]
  }),
)
console.table(ratios)
console.log(JSON.stringify({ bench: 'viewers', eventsPerSecond: EVENTS_PER_SECOND, seconds: SECONDS, ratios, results }))
