import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from '../shared/domain/agent.ts'
import { isSettled } from '../shared/domain/agentStatus.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { systemClock, systemRandom } from './systemPorts.ts'
import { searchBytes, searchFolder } from './testSeeds.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const OLD = ['sk', 'proj', 'inventedOldQ7w2E9r4T1y6U3i8O5p0a2S4d6'].join('-')
const NEW = ['sk', 'proj', 'inventedNewZ7x2C9v4B1n6M3a8S5d0f2G4h6'].join('-')
const CALLS = 1_000
const ANSWER = { id: 'invented', object: 'chat.completion', model: 'gpt-4', choices: [{ index: 0, message: { role: 'assistant', content: 'Fine.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } }

/** Reads its key once, as SDKs do, and calls from eight threads. */
const CALLER = `
import http.client, json, os, sys, threading, urllib.parse
key, base = os.environ["OPENAI_API_KEY"], urllib.parse.urlsplit(os.environ["OPENAI_BASE_URL"])
body = json.dumps({"model": "gpt-4", "max_tokens": 5, "messages": [{"role": "user", "content": "Good morning!"}]})
failures, total = [], int(sys.argv[1])
def work(number):
    connection = http.client.HTTPConnection(base.hostname, base.port)
    for _ in range(number):
        connection.request("POST", base.path + "/chat/completions", body, {"authorization": "Bearer " + key, "content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200: failures.append((answer.status, text))
threads = [threading.Thread(target=work, args=(total // 8,)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("failures", len(failures), failures[:2])
print("pid", os.getpid())
print("new in environment", os.environ["OPENAI_API_KEY"] != key, flush=True)
`

/** Asks each time somebody presses Enter, three times, and says how it was answered. */
const ASKER = `
import json, os, urllib.error, urllib.request
for count in (1, 2, 3):
    input()
    body = json.dumps({"model": "gpt-4", "max_tokens": 5, "messages": [{"role": "user", "content": "Good morning!"}]}).encode()
    asked = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "content-type": "application/json"})
    try: status, text = urllib.request.urlopen(asked).status, ""
    except urllib.error.HTTPError as problem: status, text = problem.code, problem.read().decode()
    print("asked", count, status, text, flush=True)
input()
`

let folder: TestFolder
let room: ControlRoom
let provider: Server
/** Keys as they arrive, and whether each is taken by the time of its answer. */
let seen: string[]
let accepts: (key: string) => boolean
let onAsked: () => void

beforeEach(async () => {
  folder = createTestFolder()
  seen = []
  onAsked = () => undefined
  accepts = () => true
  provider = createServer((request, response) => {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '')
    seen.push(key)
    onAsked()
    request.resume().on('end', () =>
      setTimeout(() => {
        const isTaken = accepts(key)
        response.writeHead(isTaken ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(isTaken ? ANSWER : { error: { message: 'Incorrect API key provided.' } }))
      }, 5),
    )
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path, IRON_SECRETS_MASTER_KEY: '0123456789abcdef'.repeat(4) },
    flags: { log_level: 'debug' },
    onStopRequested: () => undefined,
  })
})
afterEach(async () => {
  await room.stop()
  await new Promise((resolve) => provider.close(resolve))
  folder.remove()
})

const host = (): string => `127.0.0.1:${(provider.address() as AddressInfo).port}`

async function request<T>(name: Parameters<ControlRoom['router']['request']>[0], input: unknown): Promise<T> {
  return (await room.router.request(name, input, OWNER)) as unknown as T
}

function start(script: string, changes: Record<string, unknown> = {}): Promise<Agent> {
  return request('agent.start', { script, ...(script.endsWith('.sh') ? { interpreter: 'sh' } : {}), provider: 'live', upstreamOpenai: `http://${host()}/v1`, budget: '$500', restart: 'never', ...changes })
}

function status(agentId: string): Promise<Agent> {
  return request('agent.status', { agentId })
}

function ended(agentId: string): Promise<Agent> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const agent = await status(agentId)
      if (!isSettled(agent.status)) return
      stopListening()
      resolve(agent)
    }
    const stopListening = room.bus.listen(() => void look().catch(reject))
    void look().catch(reject)
  })
}

function shown(agentId: string): string {
  return readFileSync(join(folder.path, 'data', 'terminals', `${agentId}.cast`), 'utf8')
}

/** Resolves when its terminal has shown this. */
function shows(agentId: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    let all = ''
    const subscription = room.router.open('terminal.output', { agentId }, OWNER, {
      push: (item) => {
        const { data } = item as { data?: string }
        all += data ?? ''
        if (!all.includes(text)) return
        setImmediate(() => subscription.close())
        resolve()
      },
      end: () => undefined,
    })
  })
}

/** Resolves when its file says so: nothing of a terminal is needed. */
function asked(number: number): Promise<void> {
  return new Promise((resolve) => {
    onAsked = () => seen.length >= number && resolve()
    onAsked()
  })
}

interface Rotated {
  readonly version: number
  readonly agents: { agentId: string; outcome: string }[]
}

async function create(changes: Record<string, unknown> = {}): Promise<string> {
  return (await request<{ id: string }>('secret.create', { name: 'OPENAI_API_KEY', value: OLD, environment: 'development', ...changes })).id
}

function rotate(secretId: string, changes: Record<string, unknown> = {}): Promise<Rotated> {
  return request('secret.update', { secretId, value: NEW, ...changes })
}

describe('a rotation under a running agent', () => {
  it(`loses none of ${CALLS} calls, in flight and in sequence, and restarts nothing`, async () => {
    const secretId = await create()
    let isSwitched = false
    accepts = (key) => {
      // The first call with the new one is the end of the old one, for calls that are under way too.
      if (key === NEW) isSwitched = true
      return key === NEW || (key === OLD && !isSwitched)
    }
    const agent = await start(folder.write('caller.py', CALLER), { args: [String(CALLS)] })
    await asked(CALLS / 4)
    const { version, agents } = await rotate(secretId)
    expect([version, agents]).toEqual([2, [{ agentId: agent.id, outcome: 'applied' }]])
    expect(await ended(agent.id)).toMatchObject({ status: 'stopped', restarts: 0, exit: { code: 0 } })
    const text = shown(agent.id)
    expect(text).toContain('failures 0 []')
    expect(text).toContain(`pid ${agent.pid}`)
    expect(text).toContain('new in environment True')
    expect(new Set(seen)).toEqual(new Set([OLD, NEW]))
    expect(seen.filter((key) => key === NEW).length).toBeGreaterThan(CALLS / 2)
  }, 60_000)

  it.each([
    ['sh', 'agent.sh', 'echo ready; read line; echo "still here"'],
    ['node', 'agent.mjs', 'console.log("ready"); process.stdin.once("data", () => { console.log("still here"); process.exit() })'],
  ])('never signals an agent that has not asked for it: %s', async (_what, name, text) => {
    const secretId = await create()
    const agent = await start(folder.write(name, text))
    expect((await rotate(secretId)).agents).toEqual([{ agentId: agent.id, outcome: 'swapped' }])
    expect(await status(agent.id)).toMatchObject({ status: 'running', pid: agent.pid })
    await request('terminal.write', { agentId: agent.id, data: '\r' })
    expect(await ended(agent.id)).toMatchObject({ status: 'stopped', exit: { code: 0 } })
    expect(shown(agent.id)).not.toContain('ebugger')
  })

  it('goes back to the former key where the provider refuses the tried one after all', async () => {
    const secretId = await create()
    const agent = await start(folder.write('caller.py', CALLER), { args: ['80'] })
    await asked(8)
    const back = new Promise<void>((resolve) => {
      room.bus.listen((batch) => {
        if (batch.some((event) => event.name === 'secret.rotated' && event.payload.version === 3)) resolve()
      })
    })
    let probes = 0
    accepts = (key) => key === OLD || (key === NEW && probes++ === 0)
    await rotate(secretId, { probe: true })
    await back
    expect(await ended(agent.id)).toMatchObject({ exit: { code: 0 } })
    expect(shown(agent.id)).toContain('failures 0 []')
    const { versions } = await request<{ versions: { version: number; is_current: boolean }[] }>('secret.versions', { secretId })
    expect(versions.find((one) => one.is_current)?.version).toBe(3)
  }, 30_000)

  it('does not happen where the provider refuses the new key', async () => {
    const secretId = await create()
    const agent = await start(folder.write('agent.sh', 'read line'))
    accepts = (key) => key === OLD
    await expect(rotate(secretId, { probe: true })).rejects.toMatchObject({ code: 'CONFLICT' })
    const { versions } = await request<{ versions: unknown[] }>('secret.versions', { secretId })
    expect(versions).toHaveLength(1)
    await request('agent.stop', { agentId: agent.id })
  })
})

describe('what an agent is started with', () => {
  const SHOW = 'import os\nprint([name for name in ("OPENAI_API_KEY", "OTHER_KEY", "THIRD_KEY") if name in os.environ], os.environ.get("OTHER_KEY") == "own-invented-1", flush=True)\ninput()\n'
  async function three(): Promise<void> {
    await create()
    await create({ name: 'OTHER_KEY', value: 'other-invented-1' })
    await create({ name: 'THIRD_KEY', value: 'third-invented-1', environment: 'production' })
  }
  async function shownBy(changes: Record<string, unknown>): Promise<string> {
    const agent = await start(folder.write('agent.py', SHOW), changes)
    await request('terminal.write', { agentId: agent.id, data: '\r' })
    await ended(agent.id)
    return shown(agent.id)
  }

  it('is all of its environment, or what is named; a variable of the launch wins', async () => {
    await three()
    expect(await shownBy({})).toContain("['OPENAI_API_KEY', 'OTHER_KEY'] False")
    expect(await shownBy({ secrets: ['OTHER_KEY'] })).toContain("['OTHER_KEY'] False")
    expect(await shownBy({ secrets: [] })).toContain('[] False')
    expect(await shownBy({ variables: { OTHER_KEY: 'own-invented-1' } })).toContain("['OPENAI_API_KEY', 'OTHER_KEY'] True")
    expect(await shownBy({ environment: 'production', secrets: ['THIRD_KEY'] })).toContain("['THIRD_KEY'] False")
  })

  it.each([
    ['a secret that there is not', {}, { secrets: ['INVENTED_KEY'] }, 'there is none of that name in development'],
    ['a value with a NUL', { value: 'invented\0value' }, {}, 'holds a NUL'],
  ])('starts nothing with %s', async (_what, secret, changes, sentence) => {
    await create(secret)
    const agent = await start(folder.write('agent.py', SHOW), changes)
    expect(agent.status).toBe('crashed')
    expect(agent.reason).toContain(sentence)
  })

  it('stands in no argument, no file of ours and nowhere in our own environment', async () => {
    await create()
    const agent = await start(folder.write('agent.sh', 'echo "$OPENAI_API_KEY"; env; read line'))
    await request('secret.update', { secretId: (await request<{ secrets: { id: string }[] }>('secret.list', {})).secrets[0]?.id, value: NEW })
    const wanted = { OLD, NEW }
    expect(searchBytes(readFileSync(`/proc/${agent.pid}/cmdline`), 'cmdline', wanted)).toEqual([])
    expect(searchBytes(readFileSync('/proc/self/environ'), 'environ', wanted)).toEqual([])
    expect(searchBytes(readFileSync(`/proc/${agent.pid}/environ`), 'environ', { OLD })).toContainEqual(expect.objectContaining({ form: 'plain' }))
    await request('terminal.write', { agentId: agent.id, data: '\r' })
    await ended(agent.id)
    await room.stop()
    expect(searchFolder(join(folder.path, 'data'), wanted)).toEqual([])
  })
})

describe('a sealed secret', () => {
  it('never reaches the agent, and its calls work all the same, before and after a rotation', async () => {
    const secretId = await create({ delivery: 'sealed', hosts: [host()] })
    const agent = await start(folder.write('caller.py', CALLER), { args: ['80'] })
    await asked(16)
    const environ = readFileSync(`/proc/${agent.pid}/environ`)
    expect(searchBytes(environ, 'environ', { OLD })).toEqual([])
    expect(environ.toString()).toMatch(/OPENAI_API_KEY=sk-proj-[A-Za-z0-9]{37}\0/)
    expect((await rotate(secretId)).agents).toEqual([{ agentId: agent.id, outcome: 'swapped' }])
    await ended(agent.id)
    expect(shown(agent.id)).toContain('failures 0 []')
    expect(new Set(seen)).toEqual(new Set([OLD, NEW]))
  })

  it('is refused by the gateway once it is deleted, and goes on once it is back', async () => {
    const secretId = await create({ delivery: 'sealed', hosts: [host()] })
    const script = folder.write('asker.py', ASKER)
    const agent = await start(script)
    for (const [count, change] of [[1, null], [2, 'secret.delete'], [3, 'secret.restore']] as const) {
      if (change !== null) await request(change, { secretId })
      await request('terminal.write', { agentId: agent.id, data: '\r' })
      await shows(agent.id, `asked ${count}`)
    }
    await request('terminal.write', { agentId: agent.id, data: '\r' })
    await ended(agent.id)
    expect(shown(agent.id)).toMatch(/asked 1 200[^]*asked 2 401[^]*The secret OPENAI_API_KEY was deleted[^]*asked 3 200/)
    expect(seen).toEqual([OLD, OLD])
  })

  it('leaves for its own hosts only', async () => {
    await create({ delivery: 'sealed', hosts: ['api.openai.com'] })
    const agent = await start(folder.write('caller.py', CALLER), { args: ['8'] })
    await ended(agent.id)
    expect(seen.filter((key) => key === OLD)).toEqual([])
    expect(seen).toHaveLength(8)
  })
})
