import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import { restRoutes } from '../api/restRoutes.ts'
import { ask, type Answer } from '../api/testHttp.ts'
import { createTestUser, type EndedCommand, type RunningCommand, type TestUser } from '../cli/testCommandLine.ts'
import { DATABASE_FILE } from '../state/openDatabase.ts'
import { searchBytes } from '../testSeeds.ts'
import { asRead, filesOf, search, tablesOf, type Evidence } from './testSearch.ts'
import { openTap, type Tap } from './testTap.ts'
import { openViewer, type Viewer } from './testViewer.ts'

/** Values that were in the store, in whatever spelling: none of them may be anywhere but where somebody with the right has asked for it. */
const VALUES = {
  first: ['sk', 'proj', 'inventedFirstQ7w2E9r4T1y6U3i8O5p0a2'].join('-'),
  second: ['sk', 'proj', 'inventedSecondZ7x2C9v4B1n6M3a8S5d0f2'].join('-'),
  sealed: ['sk', 'proj', 'inventedSealedP0o9I8u7Y6t5R4e3W2q1L0'].join('-'),
  manyLines: 'invented "line" one\nzweite/Zeile+öäü%20\\end of it',
  imported: 'postgres://invented:Zq8-Wx7_Ec6@db.acme.test:5432/leads?x=1',
  typed: 'an invented value + with blanks & signs/=',
}
const MASTER_KEY = '0123456789abcdef'.repeat(4)
const EVERYTHING = { ...VALUES, masterKey: MASTER_KEY }

/** Shows what it has in every spelling, sends it to a model, and dies with it. */
const AGENT = String.raw`
import base64, json, os, sys, urllib.parse, urllib.request
NAMES = ["OPENAI_API_KEY", "SEALED_API_KEY", "MANY_LINES", "IMPORTED_URL", "TYPED_VALUE"]
def show():
    for name in NAMES:
        value = os.environ[name]
        raw = value.encode()
        print(name, value)
        for before in (b"", b"x", b"xy"): print(base64.b64encode(before + raw + b"z").decode())
        print(raw.hex(), raw.hex().upper())
        print(urllib.parse.quote(value, safe=""))
        print(json.dumps({name: value}))
        print(value, file=sys.stderr, flush=True)
def ask(key, content):
    body = json.dumps({"model": "gpt-4", "max_tokens": 5, "messages": [{"role": "user", "content": content}]}).encode()
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, {"authorization": "Bearer " + key, "content-type": "application/json"})
    try: print(urllib.request.urlopen(request).read().decode())
    except urllib.error.HTTPError as problem: print(problem.code, problem.read().decode())
show()
for name in ("OPENAI_API_KEY", "SEALED_API_KEY"): ask(os.environ[name], "my key is " + os.environ[name])
print("ready", flush=True)
input()
show()
for name in ("OPENAI_API_KEY", "SEALED_API_KEY"): ask(os.environ[name], json.dumps(dict(os.environ)))
raise RuntimeError("no way on with " + " and ".join(os.environ[name] for name in NAMES))
`
/** Throws in the room what a defect of ours might throw. */
const CRASHER = (file: string): string => `
import { readFileSync } from 'node:fs'
process.on('SIGWINCH', () => { throw new Error('an invented defect with ' + readFileSync(${JSON.stringify(file)}, 'utf8')) })
`

let user: TestUser
let provider: Server
/** Keys as they arrived. */
const keys: string[] = []
const evidence = new Map<string, Evidence[]>()
const taps: Tap[] = []
let room: { command: RunningCommand; port: number; tap: Tap; viewer: Viewer }
let environs: { agent: Buffer; sealedAgent: Buffer }
const endings: EndedCommand[] = []
const ended: Agent[] = []

const keep = (place: string, found: readonly Evidence[]): void => void evidence.set(place, [...(evidence.get(place) ?? []), ...found])
const textOf = (name: string, ...texts: string[]): Evidence[] => texts.map((text) => ({ name, bytes: Buffer.from(text) }))
const bearer = (): string => `Bearer ${readFileSync(join(user.dataFolder, 'owner.token'), 'utf8').trim()}`
const roomEnvironment = (): Record<string, string> => ({
  IRON_SECRETS_MASTER_KEY: MASTER_KEY,
  NODE_OPTIONS: `--import=${join(user.folder, 'crasher.mjs')} --report-on-signal --report-signal=SIGUSR2 --report-uncaught-exception --report-directory=${join(user.folder, 'reports')}`,
})

async function openRoom(): Promise<void> {
  const command = user.start(['serve', '--port', '0', '--log-format', 'json', '--verbose'], { environment: roomEnvironment() })
  const [, port = ''] = await command.until('stdout', /listening on http:\/\/127\.0\.0\.1:(\d+)/)
  const tap = await openTap('viewers', Number(port))
  taps.push(tap)
  room = { command, port: Number(port), tap, viewer: await openViewer(tap.port, { host: `127.0.0.1:${port}`, authorization: bearer() }) }
}

/** `unseen` is for what may answer a value: its bytes are not kept. */
async function rest(method: string, path: string, body?: unknown, way: 'seen' | 'unseen' = 'seen'): Promise<Answer> {
  return ask(way === 'seen' ? room.tap.port : room.port, path, { method, body, headers: { host: `127.0.0.1:${room.port}`, authorization: bearer() } })
}

async function done<T>(method: string, path: string, body?: unknown, way?: 'unseen'): Promise<T> {
  const answer = await rest(method, path, body, way)
  expect([path, answer.status, answer.text.slice(0, 300)]).toEqual([path, 200, expect.any(String)])
  return JSON.parse(answer.text) as T
}

async function command(input: string | null, ...args: string[]): Promise<EndedCommand> {
  const running = user.start(args, { environment: { IRON_SECRETS_MASTER_KEY: MASTER_KEY }, ...(input === null ? {} : { input: 'pipe' }) })
  if (input !== null) running.child.stdin?.end(input)
  const result = await running.ended
  expect([args.join(' '), result.code, result.stderr]).toEqual([args.join(' '), 0, expect.any(String)])
  return result
}

async function startAgent(name: string, more: object): Promise<Agent> {
  const script = user.write(name, AGENT)
  const upstreamOpenai = `http://${host()}/v1`
  const agent = await done<Agent>('POST', '/api/agents', { script, provider: 'live', upstreamOpenai, budget: '$500', restart: 'never', safetyMode: 'redact', ...more })
  room.viewer.watchTerminal(agent.id)
  return agent
}

async function untilTerminalsShow(text: string, times: number): Promise<void> {
  while (asRead(room.viewer.terminals).split(text).length <= times) await new Promise((resolve) => setImmediate(resolve))
}

const host = (): string => `127.0.0.1:${(provider.address() as AddressInfo).port}`
const procOf = (pid: number | null | undefined, file: string): Buffer => readFileSync(`/proc/${pid}/${file}`)

function keepFolder(when: string): void {
  keep(`the data folder ${when}`, filesOf(user.dataFolder))
  const copy = join(user.folder, 'copy')
  mkdirSync(copy)
  for (const ending of ['', '-wal']) if (existsSync(join(user.dataFolder, DATABASE_FILE + ending))) cpSync(join(user.dataFolder, DATABASE_FILE + ending), join(copy, `copy.db${ending}`))
  keep(`tables ${when}`, tablesOf(join(copy, 'copy.db')))
  rmSync(copy, { recursive: true })
}

function keepProcess(when: string): void {
  const { pid } = room.command.child
  keep(`how the system shows the room ${when}`, [{ name: 'cmdline', bytes: procOf(pid, 'cmdline') }])
  // The master key stands there because whoever started the room put it there.
  const environ = procOf(pid, 'environ').toString('latin1').replace(`IRON_SECRETS_MASTER_KEY=${MASTER_KEY}`, '')
  keep(`how the system shows the room ${when}`, textOf('environ', environ))
}

async function readEverything(agentIds: readonly string[], secretIds: readonly string[]): Promise<void> {
  const reads = restRoutes().filter(({ method }) => method === 'GET')
  const paths = ['/api/openapi.json', '/api/health', '/api/events?limit=5000', '/secrets/audit?limit=500', ...reads.filter(({ parameters }) => parameters.length === 0).map(({ path }) => path)]
  for (const { path, parameters } of reads) {
    if (parameters.length !== 1) continue
    if (parameters[0] === 'agentId') paths.push(...agentIds.map((id) => path.replace(':agentId', id)))
    if (parameters[0] === 'secretId') paths.push(...secretIds.map((id) => path.replace(':secretId', id)))
  }
  for (const path of paths) await rest('GET', path)
}

beforeAll(async () => {
  user = createTestUser()
  user.write('crasher.mjs', CRASHER(join(user.folder, 'values.txt')))
  user.write('values.txt', Object.values(VALUES).join(' and '))
  mkdirSync(join(user.folder, 'reports'))
  // It says back with what key it was called.
  provider = createServer((request, response) => {
    const key = request.headers.authorization ?? ''
    keys.push(key)
    request.resume().on('end', () => {
      const message = { role: 'assistant', content: `You came with ${key}.` }
      const answer = { id: 'invented', object: 'chat.completion', model: 'gpt-4', choices: [{ index: 0, message, finish_reason: 'stop' }], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  await openRoom()

  // Into the store, in every way there is.
  const add = (name: string, value: string, more: object = {}): Promise<{ id: string }> => done('POST', '/secrets', { name, value, environment: 'development', ...more })
  const { id } = await add('OPENAI_API_KEY', VALUES.first, { hosts: [host()] })
  const { id: sealedId } = await add('SEALED_API_KEY', VALUES.sealed, { delivery: 'sealed', hosts: [host()] })
  const { id: linesId } = await add('MANY_LINES', VALUES.manyLines)
  await done('POST', '/api/secrets/import', { environment: 'development', format: 'env', text: `IMPORTED_URL='${VALUES.imported}'\n` })
  keep('what commands print', textOf('add', ...Object.values(await command(VALUES.typed, 'secrets', 'add', 'TYPED_VALUE')).map(String)))
  // What cannot be taken is not repeated either.
  for (const bad of [{ name: 'TAKEN AWAY', value: VALUES.typed }, { name: 'OPENAI_API_KEY', value: VALUES.second }, { name: 'X', value: [VALUES.second] }, { name: 'X', value: VALUES.second, extra: VALUES.first }]) {
    await rest('POST', '/secrets', { environment: 'development', ...bad })
  }
  await rest('POST', '/api/secrets/import', { environment: 'development', format: 'env', text: `BROKEN="${VALUES.typed}\n` })
  await rest('POST', '/api/secrets/import', { environment: 'development', format: 'kv2', text: `{"BROKEN": "${VALUES.first}` })
  await rest('POST', '/api/secrets/import', { environment: 'development', format: 'env', text: VALUES.imported })
  await rest('GET', `/secrets/${encodeURIComponent(VALUES.typed)}`)
  await rest('GET', `/secrets?name=${encodeURIComponent(VALUES.typed)}`)

  // Out again, for whoever may.
  await done('GET', `/secrets/${id}?reveal=true`, undefined, 'unseen')
  expect((await command(null, 'secrets', 'get', 'TYPED_VALUE', '--reveal')).stdout).toContain(VALUES.typed)
  const { text } = await done<{ text: string }>('POST', '/api/secrets/export', { environment: 'development', format: 'kv2', reason: `because of ${VALUES.first}` }, 'unseen')
  for (const value of Object.values(VALUES).filter((one) => one !== VALUES.second)) expect(text).toContain(JSON.stringify(value).slice(1, -1))

  // Two agents, one of which has placeholders only; a rotation under both of them; their end.
  const agent = await startAgent('careless.py', {})
  const sealedAgent = await startAgent('sealed.py', { sealSecrets: true })
  await untilTerminalsShow('ready', 2)
  for (const { pid } of [agent, sealedAgent]) keep('how the system shows agents', [{ name: 'cmdline', bytes: procOf(pid, 'cmdline') }])
  environs = { agent: procOf(agent.pid, 'environ'), sealedAgent: procOf(sealedAgent.pid, 'environ') }
  keepProcess('while agents run')
  await done('PUT', `/secrets/${id}`, { value: VALUES.second })
  // Refused: it is the one that holds.
  await rest('POST', `/api/secrets/${linesId}/rollback`, { version: 1 })
  for (const { id: agentId } of [agent, sealedAgent]) await done('POST', `/api/agents/${agentId}/terminal/input`, { data: '\n' })
  for (const { id: agentId } of [agent, sealedAgent]) {
    ended.push((await room.viewer.until('agent.changed', ({ payload }) => payload.agent.id === agentId && isSettled(payload.agent.status))).payload.agent)
  }
  await done('POST', `/api/secrets/${id}/rollback`, { version: 1 })
  await done('DELETE', `/secrets/${sealedId}`)
  await done('POST', `/api/secrets/${sealedId}/restore`)
  await readEverything([agent.id, sealedAgent.id], [id, sealedId, linesId])
  for (const args of [['secrets', 'list'], ['secrets', 'get', 'OPENAI_API_KEY'], ['secrets', 'audit'], ['secrets', 'versions', 'OPENAI_API_KEY'], ['logs', agent.id], ['logs', sealedAgent.id], ['list'], ['audit', 'verify'], ['calls', '--json'], ['findings', '--json']]) {
    const { stdout, stderr } = await command(null, ...args)
    keep('what commands print', textOf(args.join(' '), stdout, stderr))
  }
  keepFolder('while the room is open')

  // Two deaths of the room: a defect that says it all, and an abort.
  room.command.child.kill('SIGUSR2')
  while (readdirSync(join(user.folder, 'reports')).length === 0) await new Promise((resolve) => setImmediate(resolve))
  const keepViewer = (): void => {
    keep('what viewers see', [...room.tap.back])
    keep('what terminals show', textOf('terminals', asRead(room.viewer.terminals)))
  }
  room.command.child.kill('SIGWINCH')
  endings.push(await room.command.ended)
  keepViewer()
  keepFolder('after a crash')
  await openRoom()
  keepProcess('when it is opened again')
  await startAgent('again.py', {})
  await untilTerminalsShow('ready', 1)
  room.command.child.kill('SIGABRT')
  endings.push(await room.command.ended)
  keepViewer()
  keepFolder('after an abort')
  keep('reports of Node', filesOf(join(user.folder, 'reports')))
  keep('what the room prints', textOf('stdout and stderr', ...endings.flatMap(({ stdout, stderr }) => [stdout, stderr])))
}, 120_000)
afterAll(async () => {
  await user.leave()
  for (const tap of taps) await tap.close()
  await new Promise((resolve) => provider.close(resolve))
})

describe('A room full of secrets, with agents that show what they have,', () => {
  it('ran as it was meant to: values were there to be found', () => {
    expect(ended.map(({ status, exit }) => [status, exit?.code])).toEqual([['crashed', 1], ['crashed', 1]])
    expect(new Set(keys)).toEqual(new Set([VALUES.first, VALUES.second, VALUES.sealed].map((value) => `Bearer ${value}`)))
    const inPlain = { first: VALUES.first, manyLines: VALUES.manyLines, imported: VALUES.imported, typed: VALUES.typed }
    expect(searchBytes(environs.agent, 'environ', inPlain).filter(({ form }) => form === 'plain')).toHaveLength(4)
    expect(endings.map(({ code, signal }) => [code, signal])).toEqual([[70, null], [null, 'SIGABRT']])
    expect(endings[0]?.stderr).toContain('"event":"room.crashed"')
    expect(endings[0]?.stderr).toContain('an invented defect with')
  })

  it('gave no value to an agent whose secrets are sealed', () => {
    expect(searchBytes(environs.sealedAgent, 'environ', EVERYTHING)).toEqual([])
    expect(searchBytes(environs.agent, 'environ', { sealed: VALUES.sealed, masterKey: MASTER_KEY })).toEqual([])
  })

  it.each([
    'the data folder while the room is open', 'the data folder after a crash', 'the data folder after an abort',
    'tables while the room is open', 'tables after a crash', 'tables after an abort',
    'how the system shows the room while agents run', 'how the system shows the room when it is opened again', 'how the system shows agents',
    'what viewers see', 'what terminals show', 'what commands print', 'what the room prints', 'reports of Node',
  ])('has none of them in %s', (place) => {
    const { bytes, hits } = search(evidence.get(place) ?? [], EVERYTHING)
    expect(bytes).toBeGreaterThan(50)
    expect(hits).toEqual([])
  })
})
