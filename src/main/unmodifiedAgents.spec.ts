import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findInterpreters, pythonEnvironment } from '../../scripts/pythonEnvironments.ts'
import type { Agent } from '../shared/domain/agent.ts'
import { isSettled } from '../shared/domain/agentStatus.ts'
import type { Call } from '../shared/domain/llm.ts'
import type { Raised } from '../shared/domain/report.ts'
import type { Destination, ServiceView } from '../shared/domain/service.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const [interpreter] = await findInterpreters()
const python = await pythonEnvironment('sdk', interpreter)

let folder: TestFolder
let room: ControlRoom
let service: Server
let host: string
/** What the service answers next; 200 when there is nothing left. */
let statuses: number[]
let asked: string[]
let defects: string[]

beforeEach(async () => {
  folder = createTestFolder()
  statuses = []
  asked = []
  defects = []
  service = createServer((request, response) => {
    asked.push(request.url ?? '')
    request.resume()
    const status = statuses.shift() ?? 200
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ lead: 'invented', status }))
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(service.address() as AddressInfo).port}`
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'terminal',
    version: '1.2.3',
    environment: { PATH: process.env['PATH'], HOME: folder.path, PYTHONDONTWRITEBYTECODE: '1', VIRTUAL_ENV: python.folder ?? undefined },
    onLogEntry: ({ event, msg, fields }) => void (event === 'room.defect' && defects.push(`${msg} ${String(fields?.error)}`)),
    onStopRequested: () => undefined,
  })
})
afterEach(async () => {
  await room.stop()
  await new Promise((resolve) => service.close(resolve))
  folder.remove()
  expect(defects).toEqual([])
})

async function request<T>(name: Parameters<ControlRoom['router']['request']>[0], input: unknown): Promise<T> {
  return (await room.router.request(name, input, OWNER)) as unknown as T
}

interface Ran {
  readonly agent: Agent
  readonly lines: readonly string[]
}

/** Runs a script to its end, with one service in its agent file. */
async function run(text: string, changes: Record<string, unknown> = {}): Promise<Ran> {
  const script = folder.write('agent.py', text)
  const breaker = { failures: 2, cooldown: '1h' }
  const config = folder.write('agent.yaml', JSON.stringify({ services: { people: { hosts: [host], breaker, fallback: ['cached'], price: '0.10' } } }))
  const { id } = await request<Agent>('agent.start', { script, config, restart: 'never', provider: 'simulated', ...changes })
  const agent = await new Promise<Agent>((resolve, reject) => {
    const look = async (): Promise<void> => {
      const now = await request<Agent>('agent.status', { agentId: id })
      if (isSettled(now.status)) resolve(now)
    }
    room.bus.listen((batch) => void (batch.some(({ name }) => name === 'agent.changed') && look().catch(reject)))
    look().catch(reject)
  })
  const { lines } = await request<{ lines: { text: string }[] }>('terminal.tail', { agentId: id })
  return { agent, lines: lines.map(({ text: line }) => line).filter((line) => line !== '') }
}

const destinations = async ({ agent }: Ran): Promise<string[]> =>
  (await request<{ destinations: Destination[] }>('destination.list', { agentId: agent.id })).destinations.map((one) => `${one.host} ${one.covered} ${one.calls}`)

const CHAT = `{"model": "gpt-4", "max_tokens": 5, "messages": [{"role": "user", "content": "Good morning!"}]}`

describe('an unmodified agent that ignores the base URL', () => {
  it('is led to the gateway by the standard library alone, and pays', async () => {
    const ran = await run(`
import json, os, urllib.request
os.environ.pop("OPENAI_BASE_URL")
headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
answer = json.load(urllib.request.urlopen(urllib.request.Request("https://api.openai.com/v1/chat/completions", ${JSON.stringify(CHAT)}.encode(), headers)))
print("tokens", answer["usage"]["total_tokens"])
`)
    expect(ran.lines).toEqual([expect.stringMatching(/^tokens \d+$/)])
    const { calls } = await request<{ calls: Call[] }>('call.list', { agentId: ran.agent.id, limit: 10 })
    expect(calls).toMatchObject([{ provider: 'openai', model: 'gpt-4', outcome: 'answered' }])
    expect(calls[0]!.cost).toBeGreaterThan(0)
    expect((await request<{ spent: number }>('budget.status', { agentId: ran.agent.id })).spent).toBe(calls[0]!.cost)
    expect(await destinations(ran)).toEqual(['api.openai.com:443 gateway 1'])
  })

  it.skipIf(python.missing !== null)('is led there by requests, httpx and aiohttp, and pays each call once', async () => {
    const ran = await run(
      `
import asyncio, aiohttp, httpx, requests
url, body = "https://api.openai.com/v1/chat/completions", ${CHAT}
headers = {"authorization": "Bearer sk-invented"}
print(requests.post(url, json=body, headers=headers).status_code)
print(httpx.post(url, json=body, headers=headers).status_code)
async def main():
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        print(answer.status)
asyncio.run(main())
`,
      { interpreter: python.python },
    )
    expect(ran.lines).toEqual(['200', '200', '200'])
    const { calls } = await request<{ calls: Call[] }>('call.list', { agentId: ran.agent.id, limit: 10 })
    expect(calls.map(({ outcome, model }) => [outcome, model])).toEqual(Array.from({ length: 3 }, () => ['answered', 'gpt-4']))
    expect(await destinations(ran)).toEqual(['api.openai.com:443 gateway 3'])
  })
})

describe('an unmodified agent that calls a service of its agent file', () => {
  it('gets what the service said before, once the breaker is open', async () => {
    statuses = [200, 500, 500]
    const ran = await run(`
import json, urllib.request
for _ in range(5):
    answer = urllib.request.urlopen("http://${host}/v2/people/4711")
    print(json.load(answer)["status"], answer.headers["x-iron-cage-tier"])
`)
    expect(ran.lines).toEqual(['200 None', '200 cached', '200 cached', '200 cached', '200 cached'])
    expect(asked).toHaveLength(3)
    const { services } = await request<{ services: ServiceView[] }>('service.list', { agentId: ran.agent.id })
    expect(services).toMatchObject([{ service: 'people', endpoint: '/v2/people/:id', state: 'open', calls: 3, failures: 2, blocked: 2, served: { primary: 1, cached: 4 } }])
    expect(await destinations(ran)).toEqual([`${host} breaker 5`])
  })

  it('is refused in its own words where nothing else is to be had', async () => {
    statuses = [500, 503]
    const ran = await run(`
import urllib.request, urllib.error
for _ in range(3):
    try: urllib.request.urlopen("http://${host}/v2/people/4711")
    except urllib.error.HTTPError as problem: print(problem.code)
    except urllib.error.URLError as problem: print(type(problem.reason).__name__, type(problem.reason.__cause__).__name__)
`)
    expect(ran.lines).toEqual(['500', '503', 'ConnectionError CircuitOpen'])
    expect(asked).toHaveLength(2)
  })

  it('is seen where it goes around us', async () => {
    const ran = await run(`
import socket
socket.create_connection(("127.0.0.1", ${host.split(':')[1]})).close()
`)
    expect(await destinations(ran)).toEqual([`${host} none 1`])
  })
})

describe('an unmodified agent that fails', () => {
  it('is told of before it is gone', async () => {
    const raised = new Promise<Raised>((resolve) => {
      room.bus.listen((batch) => {
        for (const event of batch) if (event.name === 'agent.raised') resolve(event.payload.raised)
      })
    })
    const ran = await run('def qualify():\n    raise LookupError("no invented lead")\nqualify()')
    expect(ran.agent).toMatchObject({ status: 'crashed', exit: { code: 1 } })
    expect(ran.lines.at(-1)).toBe('LookupError: no invented lead')
    const told = await raised
    expect(told).toMatchObject({ type: 'LookupError', message: 'no invented lead', isHandled: false, place: 'main' })
    expect(told.traceback).toContain('in qualify')
  })
})
