import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from '../shared/domain/agent.ts'
import { isSettled } from '../shared/domain/agentStatus.ts'
import type { SafetyMode } from '../shared/domain/safetyRules.ts'
import { composeControlRoom } from './compose.ts'
import type { ControlRoom } from './controlRoom.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import { systemClock, systemRandom } from './systemPorts.ts'
import { searchBytes, searchFolder, seeds } from './testSeeds.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
const MASTER_KEY = '0123456789abcdef'.repeat(4)
/** All of them in one text, as a careless program would write them. */
const everything = Object.entries(seeds).map(([name, value]) => `${name} ${value}`).join(', ')

/** Says what it was started with where only the test looks, shows it all, asks a model, and crashes with it. */
const AGENT = `
import { writeFileSync } from 'node:fs'
const started = { args: process.argv.slice(2), password: process.env.SEEDED_PASSWORD, note: process.env.SEEDED_NOTE }
writeFileSync(process.env.SEEN_FILE, JSON.stringify(started))
const ask = (model, content) => fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
  method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer sk-none-is-needed' },
  body: JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content }] }),
}).then((answer) => answer.text(), String)
console.log(process.env.SEEDED_NOTE)
console.log(await ask('gpt-4o', process.env.SEEDED_NOTE))
console.log(await ask('model of ' + process.env.SEEDED_NOTE, 'hello'))
console.error(new Error(process.env.SEEDED_NOTE))
process.exit(3)
`

let folder: TestFolder
let provider: Server
let room: ControlRoom | null = null
let dataFolder: string

beforeEach(async () => {
  folder = createTestFolder()
  dataFolder = join(folder.path, 'data')
  // It refuses, and repeats what it was not even asked.
  provider = createServer((request, response) => {
    request.resume()
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: `No. ${everything}`, type: 'invalid_request_error' } }))
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await room?.stop()
  room = null
  await new Promise((resolve) => provider.close(resolve))
  folder.remove()
})

async function openRoom(environment: Record<string, string>): Promise<ControlRoom> {
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder,
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path, ...environment },
    flags: { log_level: 'debug' },
    onStopRequested: () => undefined,
  })
  return room
}

async function closeRoom(): Promise<void> {
  await room?.stop()
  room = null
}

function settled(agentId: string): Promise<Agent> {
  const { router, bus } = room as ControlRoom
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const agent = (await router.request('agent.status', { agentId }, OWNER)) as unknown as Agent
      if (!isSettled(agent.status)) return
      stopListening()
      resolve(agent)
    }
    const stopListening = bus.listen(() => void look().catch(reject))
    void look().catch(reject)
  })
}

/** An agent of this mode that says and does everything it should not. */
async function runAgent(safetyMode: SafetyMode): Promise<Agent> {
  const { router } = room as ControlRoom
  const { port } = provider.address() as AddressInfo
  const agent = (await router.request(
    'agent.start',
    {
      script: folder.write(`agents of ${seeds.email}/agent.mjs`, AGENT),
      args: ['--to', seeds.email, `--password=${seeds.password}`, everything],
      variables: { SEEDED_PASSWORD: seeds.password, SEEDED_NOTE: everything, SEEN_FILE: join(folder.path, 'seen.json'), PLAIN: 'an invented plain value' },
      provider: 'live',
      upstreamOpenai: `http://127.0.0.1:${port}/v1`,
      unknownModel: 'ceiling',
      budget: '$50',
      restart: 'never',
      safetyMode,
    },
    OWNER,
  )) as unknown as Agent
  const itself = { role: 'agent', id: agent.id } as const
  const ended = settled(agent.id)
  const refusals = [
    router.request('checkpoint.save', { agentId: agent.id, document: { [seeds.email as string]: 1, leads: [{ note: everything }] } }, itself),
    router.request('agent.progress', { agentId: agent.id, done: 1, unit: seeds.email }, itself),
    router.request('tool.end', { agentId: agent.id, toolCallId: everything.slice(0, 100), name: seeds.email, isOk: false, output: { deep: [everything] }, error: everything }, itself),
    ...reportsOf(agent.id).map(([name, input]) => router.request(name, { agentId: agent.id, ...input }, itself)),
  ].map((asked) => asked.then(() => null, (problem: { code: string }) => problem.code))
  expect(await Promise.all(refusals)).toEqual(safetyMode === 'block' ? ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', null, null, null, null] : Array(7).fill(null))
  await router.request('budget.raise', { agentId: agent.id, by: 1_000_000_000, reason: `for ${everything}` }, OWNER)
  return ended
}

/** What goes to sinks of ours alone, and what the agent is told in the answer. */
function reportsOf(id: string): [string, object][] {
  const raised = { type: 'ValueError', message: everything, traceback: `Traceback\n  File "/x/${seeds.email}.py"\n${everything}`, isHandled: false, place: `thread of ${seeds.email}` }
  return [
    ['agent.raise', raised],
    ['agent.log', { lines: [{ level: 'ERROR', message: everything, fields: { [everything.slice(0, 100)]: { note: everything, password: seeds.password } } }, { level: 'INFO', message: everything, fields: { password: seeds.password } }] }],
    ['tool.begin', { toolCallId: `${id} ${seeds.email}`, name: `mail ${seeds.email}`, input: { to: [seeds.email], note: everything, password: seeds.password } }],
    ['output.check', { place: `page of ${seeds.email}`, value: { [String(seeds.email)]: everything } }],
  ]
}

/** What others in the house write. */
async function tellEverything(): Promise<void> {
  const { router, bus, log } = room as ControlRoom
  await bus.announce({ name: 'log.written', agentId: null, severity: 'WARN', message: everything, payload: { fields: { [everything]: [everything, { deep: everything }] } } })
  log.write({ level: 'ERROR', event: 'invented', msg: everything, fields: { error: new Error(everything).stack ?? '', url: `https://x.test/?q=${encodeURIComponent(String(seeds.email))}` } })
  await router.request('agent.start', { script: `/nowhere/${seeds.email}.py` }, OWNER).catch(() => undefined)
  await router.request('agent.list', { [String(seeds.email)]: seeds.phone }, OWNER).catch(() => undefined)
  await log.flush()
}

describe('what is searched for', () => {
  it('is found wherever it is, in every form', () => {
    mkdirSync(join(folder.path, 'deep'))
    writeFileSync(join(folder.path, 'deep', 'page'), Buffer.concat([Buffer.alloc(5000, 1), Buffer.from(everything)]))
    expect(new Set(searchFolder(folder.path).map(({ seed }) => seed))).toEqual(new Set(Object.keys(seeds)))
    const encoded = Buffer.from(Object.values(seeds).map((seed) => Buffer.from(seed).toString('base64')).join(' '))
    expect(searchBytes(encoded, 'x').map(({ form }) => form)).toEqual(Object.keys(seeds).map(() => 'base64'))
  })
})

describe.each([
  ['with a master key', { IRON_SECRETS_MASTER_KEY: MASTER_KEY }],
  ['without a master key', {}],
] as [string, Record<string, string>][])('a room %s', (_what, environment) => {
  it.each(['redact', 'warn', 'block'] as const)('keeps nothing private of an agent in mode %s, neither while it is open nor after', async (mode) => {
    await openRoom(environment)
    const agent = await runAgent(mode)
    await tellEverything()
    expect(searchBytes(Buffer.from(JSON.stringify(agent)), 'what is shown of it')).toEqual([])
    expect(agent.plan.variables).toEqual({ SEEDED_PASSWORD: '[MASKED]', SEEDED_NOTE: '[MASKED]', SEEN_FILE: '[MASKED]', PLAIN: '[MASKED]' })
    if (mode !== 'block') expect(agent).toMatchObject({ status: 'crashed', exit: { code: 3 } })
    expect(searchFolder(dataFolder), 'while it is open').toEqual([])
    await closeRoom()
    expect(searchFolder(dataFolder), 'when it is closed').toEqual([])
    expect(searchFolder(dataFolder, { plain: 'an invented plain value' })).toEqual([])
  })
})

describe('an agent whose room was closed', () => {
  const seen = (): unknown => JSON.parse(readFileSync(join(folder.path, 'seen.json'), 'utf8'))
  const exactly = { args: ['--to', seeds.email, `--password=${seeds.password}`, everything], password: seeds.password, note: everything }

  it('starts again with exactly what it was started with, where the master key is the same', async () => {
    await openRoom({ IRON_SECRETS_MASTER_KEY: MASTER_KEY })
    const { id } = await runAgent('warn')
    expect(seen()).toEqual(exactly)
    await closeRoom()
    writeFileSync(join(folder.path, 'seen.json'), 'null')

    await openRoom({ IRON_SECRETS_MASTER_KEY: MASTER_KEY })
    await room?.router.request('agent.restart', { agentId: id }, OWNER)
    await settled(id)
    expect(seen()).toEqual(exactly)
    const loaded = (await room?.router.request('checkpoint.load', { agentId: id }, { role: 'agent', id })) as { document: unknown }
    expect(loaded.document).toEqual({ [String(seeds.email)]: 1, leads: [{ note: everything }] })
    const shown = await room?.router.request('checkpoint.load', { agentId: id }, OWNER)
    expect(searchBytes(Buffer.from(JSON.stringify(shown)), 'what others see of it')).toEqual([])
    expect(JSON.stringify(shown)).toContain('{"[EMAIL_REDACTED]":1,"leads":[')
    await closeRoom()
    expect(searchFolder(dataFolder)).toEqual([])
  })

  it.each([
    ['was none', {}, {}],
    ['is gone', { IRON_SECRETS_MASTER_KEY: MASTER_KEY }, {}],
    ['is another', { IRON_SECRETS_MASTER_KEY: MASTER_KEY }, { IRON_SECRETS_MASTER_KEY: 'f'.repeat(64) }],
  ] as [string, Record<string, string>, Record<string, string>][])('says that it cannot, where the master key %s', async (_what, before, after) => {
    await openRoom(before)
    const { id } = await runAgent('warn')
    await closeRoom()

    await openRoom(after)
    await expect(room?.router.request('agent.restart', { agentId: id }, OWNER)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Start it anew from its script') as string,
    })
    const agent = (await room?.router.request('agent.status', { agentId: id }, OWNER)) as unknown as Agent
    expect(agent.status).toBe('crashed')
    await closeRoom()
    expect(searchFolder(dataFolder)).toEqual([])
  })

  it('starts again without any key where nothing of it is private', async () => {
    await openRoom({})
    const script = folder.write('plain.mjs', 'process.exit(4)')
    const { id } = (await room?.router.request('agent.start', { script, args: ['--quick'], restart: 'never' }, OWNER)) as unknown as Agent
    await settled(id)
    await closeRoom()
    await openRoom({})
    await room?.router.request('agent.restart', { agentId: id }, OWNER)
    expect((await settled(id)).exit).toEqual({ code: 4, signal: null })
  })
})
