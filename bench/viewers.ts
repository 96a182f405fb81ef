import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApi } from '../src/main/api/openApi.ts'
import { OWNER_TOKEN_FILE } from '../src/main/access/ownerToken.ts'
import { composeControlRoom } from '../src/main/compose.ts'
import type { ControlRoom } from '../src/main/controlRoom.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'
import type { ViewersOrder, ViewersReport } from './viewersClient.ts'

/** How long an event takes to the slowest of many viewers, and what it costs the server. `node bench/viewers.ts [seconds]` */

const EVENTS_PER_SECOND = 200
const SECONDS = Number(process.argv[2] ?? 10)

interface Scenario {
  readonly name: string
  readonly viewers: number
  readonly hasStuckViewer: boolean
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
  { name: 'nobody watches', viewers: 0, hasStuckViewer: false, eventBytes: 100 },
  { name: '1 viewer', viewers: 1, hasStuckViewer: false, eventBytes: 100 },
  { name: '100 viewers', viewers: 100, hasStuckViewer: false, eventBytes: 100 },
  { name: '1,000 viewers', viewers: 1000, hasStuckViewer: false, eventBytes: 100 },
  { name: '100 viewers, large events', viewers: 100, hasStuckViewer: false, eventBytes: 8000 },
  { name: '100 viewers and one that never reads, large events', viewers: 100, hasStuckViewer: true, eventBytes: 8000 },
]

const now = (): number => Number(process.hrtime.bigint()) / 1e6

/** Announces evenly, catching up after a late timer; gives how many. */
async function announce(room: ControlRoom, seconds: number, eventBytes: number): Promise<number> {
  const padding = 'x'.repeat(eventBytes)
  const begin = now()
  const total = seconds * EVENTS_PER_SECOND
  let announced = 0
  const stored: Promise<unknown>[] = []
  while (announced < total) {
    const due = Math.min(total, Math.floor(((now() - begin) / 1000) * EVENTS_PER_SECOND))
    for (; announced < due; announced++) {
      stored.push(
        room.bus.announce({
          name: 'log.written',
          agentId: null,
          severity: 'INFO',
          message: `Measured event ${announced}.`,
          payload: { fields: { sentAt: now(), padding } },
        }),
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(stored)
  return total
}

async function measure(scenario: Scenario): Promise<Result> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'iron-cage-bench-'))
  let droppedAt: number | null = null
  const room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder,
    host: 'terminal',
    version: '0.0.0',
    environment: {},
    onLogEntry: (entry) => {
      if (entry.event === 'api.viewerDropped') droppedAt ??= now()
    },
    onStopRequested: () => {},
  })
  const api = await openApi(room, { port: 0, rendererFolder: null, version: '0.0.0' })
  const token = (await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()

  const client = fork(join(import.meta.dirname, 'viewersClient.ts'))
  const order: ViewersOrder = { url: api.url, token, viewers: scenario.viewers, hasStuckViewer: scenario.hasStuckViewer }
  client.send(order)
  await once(client, 'message')
  await announce(room, 1, scenario.eventBytes)
  // The last event of the warm-up has to be past.
  await new Promise((resolve) => setTimeout(resolve, 500))
  client.send('measure')
  const cpu = process.cpuUsage()
  const begin = now()
  const events = await announce(room, scenario.hasStuckViewer ? Math.max(SECONDS, 20) : SECONDS, scenario.eventBytes)
  const used = process.cpuUsage(cpu)
  const lasted = now() - begin
  // The last event has to arrive as well.
  await new Promise((resolve) => setTimeout(resolve, 500))
  client.send('report')
  const [report] = (await once(client, 'message')) as [ViewersReport]

  await api.close()
  await room.stop()
  await rm(dataFolder, { recursive: true })
  const cpuMs = (used.user + used.system) / 1000
  return {
    scenario: scenario.name,
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
console.log(JSON.stringify({ bench: 'viewers', eventsPerSecond: EVENTS_PER_SECOND, seconds: SECONDS, results }))
