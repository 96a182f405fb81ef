import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSettled } from '../src/shared/domain/agentStatus.ts'
import { composeControlRoom } from '../src/main/compose.ts'
import type { ControlRoom } from '../src/main/controlRoom.ts'
import { systemClock, systemRandom } from '../src/main/systemPorts.ts'
import { distribution, median, pause, rounded, type Distribution } from './measure.ts'

/**
 * The bridge of a whole room to real agents, a python3 and a node: round trips and events one way, beside a bare local socket that
 * answers each line with itself; and round trips beside an agent that pours out events. `node bench/bridge.ts [round trips] [events]`
 */

const TRIPS = Number(process.argv[2] ?? 20_000)
const EVENTS = Number(process.argv[3] ?? 300_000)
const OWNER = { role: 'admin', id: 'owner' } as const

interface Measured {
  readonly bridge: number[]
  readonly bare: number[]
  readonly bridgeEvents: number[]
  readonly bareEvents: number[]
}

const folder = mkdtempSync(join(tmpdir(), 'iron-cage-bench-'))
const bare = join(folder, 'bare')
const echo = spawn(process.execPath, [join(import.meta.dirname, 'bridgeEcho.ts'), bare], { stdio: ['ignore', 'pipe', 'inherit'] })
await once(echo.stdout, 'data')
const room = await composeControlRoom({
  clock: systemClock,
  random: systemRandom,
  dataFolder: join(folder, 'data'),
  host: 'browser',
  version: '0.0.0',
  environment: { PATH: process.env.PATH, HOME: folder },
  flags: {},
  onStopRequested: (problem) => console.error(problem),
})

interface Launched {
  readonly result: string
  over(): Promise<Measured>
}

async function launch(script: string, trips: number, events: number): Promise<Launched> {
  const result = join(folder, `${script}.${systemRandom.hex(4)}.json`)
  const args = [bare, result, String(trips), String(events)]
  const { id } = (await room.router.request('agent.start', { script: join(import.meta.dirname, script), args, provider: 'simulated', restart: 'never' }, OWNER)) as { id: string }
  const ended = settled(room, id)
  const over = async (): Promise<Measured> => {
    const status = await ended
    if (status !== 'stopped') throw new Error(`${script} has ${status}.`)
    return JSON.parse(readFileSync(result, 'utf8')) as Measured
  }
  return { result, over }
}

function settled({ bus, router }: ControlRoom, id: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const { status } = (await router.request('agent.status', { agentId: id }, OWNER)) as { status: Parameters<typeof isSettled>[0] }
      if (!isSettled(status)) return
      stop()
      resolve(status)
    }
    const stop = bus.listen(() => void look().catch(reject))
    void look().catch(reject)
  })
}

const measure = async (script: string, trips: number, events: number): Promise<Measured> => (await launch(script, trips, events)).over()

interface Client {
  readonly ms: Distribution
  readonly bareMs: Distribution
  readonly eventsPerSecond: number
  readonly bareEventsPerSecond: number
}

function clientOf({ bridge, bare: plain, bridgeEvents, bareEvents }: Measured): Client {
  return { ms: distribution(bridge), bareMs: distribution(plain), eventsPerSecond: rounded(median(bridgeEvents)), bareEventsPerSecond: rounded(median(bareEvents)) }
}

try {
  const python = clientOf(await measure('bridgeClient.py', TRIPS, EVENTS))
  const node = clientOf(await measure('bridgeClient.mjs', TRIPS, EVENTS))
  const flood = await launch('bridgeClient.mjs', 0, 0)
  while (!existsSync(`${flood.result}.began`)) await pause(20)
  const beside = distribution((await measure('bridgeClient.py', TRIPS / 10, 0)).bridge)
  writeFileSync(`${flood.result}.stop`, '')
  await flood.over()
  console.table({
    'python3, round trip ms': { p50: python.ms.p50, p99: python.ms.p99, 'bare p50': python.bareMs.p50, 'bare p99': python.bareMs.p99 },
    'node, round trip ms': { p50: node.ms.p50, p99: node.ms.p99, 'bare p50': node.bareMs.p50, 'bare p99': node.bareMs.p99 },
    'python3 beside a flood, ms': { p50: beside.p50, p99: beside.p99 },
  })
  console.table({
    python3: { 'events/s': python.eventsPerSecond, bare: python.bareEventsPerSecond },
    node: { 'events/s': node.eventsPerSecond, bare: node.bareEventsPerSecond },
  })
  console.log(JSON.stringify({ bench: 'bridge', python, node, beside }))
} finally {
  await room.stop()
  echo.kill()
  rmSync(folder, { recursive: true, force: true })
}
