import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import type { Event } from '../../shared/domain/event.ts'
import { composeControlRoom } from '../compose.ts'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
let folder: TestFolder
let room: ControlRoom
let events: Event[]

beforeEach(async () => {
  folder = createTestFolder()
  events = []
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, PYENV_VERSION: process.env.PYENV_VERSION, HOME: folder.path },
    flags: {},
    onStopRequested: () => undefined,
  })
  room.bus.listen((batch) => void events.push(...batch))
})
afterEach(async () => {
  await room.stop()
  folder.remove()
})

/** Speaks with the room as docs/bridge.md tells it to, with nothing of ours in between. */
const CLIENT = `
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(os.environ["IRON_CAGE_BRIDGE"])
stream = line.makefile("rwb", 0)
def say(**message):
    stream.write(json.dumps(message).encode() + b"\\n")
def ask(command, **input):
    say(kind="ask", id=1, command=command, input=input)
    while True:
        answer = json.loads(stream.readline())
        if answer.get("id") == 1:
            return answer
say(kind="hello", protocol=1, token=os.environ["IRON_CAGE_RUN_TOKEN"], language="python", pid=os.getpid(), sdk="invented 1", handles={"signal": False, "secrets": False})
print(json.loads(stream.readline())["kind"], flush=True)
`

async function run(text: string): Promise<Agent> {
  const launch = { script: folder.write('agent.py', CLIENT + text), provider: 'simulated', budget: '$1', restart: 'never' }
  const { id } = (await room.router.request('agent.start', launch, OWNER)) as unknown as Agent
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const agent = (await room.router.request('agent.status', { agentId: id }, OWNER)) as unknown as Agent
      if (!isSettled(agent.status)) return
      stop()
      resolve(agent)
    }
    const stop = room.bus.listen(() => void look().catch(reject))
    void look().catch(reject)
  })
}

it('an agent that says what it ends of has crashed of it', async () => {
  const agent = await run(`
ask("agent.raise", type="ValueError", message="no such lead: ceo@acme.com", traceback="Traceback", isHandled=False, place="main")
sys.exit(1)`)
  expect(agent).toMatchObject({ status: 'crashed', reason: 'It ended with exit code 1 (ValueError: no such lead: [EMAIL_REDACTED]).' })
  expect(events).toContainEqual(expect.objectContaining({ name: 'agent.raised', agentId: agent.id, severity: 'ERROR' }))
})

it('an agent that ends well after all has not', async () => {
  const agent = await run('ask("agent.raise", type="ValueError", message="", traceback="", isHandled=False, place="a thread")')
  expect(agent).toMatchObject({ status: 'stopped', reason: null })
})

it('how far it is and how fast stands in its metrics', async () => {
  const { id } = await run(`
for done in range(1, 24):
    say(kind="tell", command="agent.progress", input={"done": done, "total": 100, "unit": "lead", "latencyMs": 2100})
ask("agent.progress", done=23, total=100, unit="lead", latencyMs=[2100])`)
  const metrics = await room.router.request('agent.metrics', { agentId: id }, OWNER)
  expect(metrics).toMatchObject({ formatted: { progress: '23 / 100 leads (23%)', success: '100% (23/23)', p95: 'P95: 2.1s' } })
  const viewer = { role: 'viewer', id: 'guest' } as const
  expect(await room.router.request('agent.performance', { agentId: id }, viewer)).toMatchObject({ done: 23, latency: { p50: 2_100, samples: 24 } })
  expect(await room.router.request('performance.list', {}, viewer)).toMatchObject({ performances: [{ agentId: id, done: 23 }] })
  expect(events.filter(({ name }) => name === 'performance.changed').length).toBeGreaterThan(0)
})

it('how agents work is told at every moment of a start', async () => {
  const launch = { script: folder.write('agent.py', 'print("started")'), provider: 'simulated', budget: '$1', restart: 'never' }
  let isStarted = false
  const starting = room.router.request('agent.start', launch, OWNER).finally(() => (isStarted = true))
  while (!isStarted) {
    await room.router.request('performance.list', {}, OWNER)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { id } = (await starting) as unknown as Agent
  expect(await room.router.request('performance.list', {}, OWNER)).toMatchObject({ performances: [{ agentId: id }] })
})

it('an agent that cannot be understood is told of as the warning that it is', async () => {
  const agent = await run(`
stream.write(b"good morning\\n")
print(stream.readline().decode(), flush=True)`)
  expect(agent.status).toBe('stopped')
  expect(events).toContainEqual(expect.objectContaining({ name: 'log.written', agentId: agent.id, severity: 'WARN', message: 'The bridge: A message was no JSON.' }))
})
