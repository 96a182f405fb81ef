import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands, streams, type CommandName } from '../../shared/contract/contract.ts'
import type { Command, Stream } from '../../shared/contract/define.ts'
import { ERROR_STATUS, type ErrorCode, type JsonValue } from '../../shared/errors.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import { openApi, type Api } from '../api/openApi.ts'
import { composeControlRoom } from '../compose.ts'
import { createTestFolder, type TestFolder } from '../configuration/testFolder.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import type { LogEntry } from '../telemetry/log.ts'
import { inputsOf, longInputOf } from './testInputs.ts'
import { bridgeWire, ipcWire, restWire, webSocketWire, type Reply, type Wire } from './testWires.ts'

/** How many inputs each command gets over each wire, and which: the same every time, unless somebody looks for new ones. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 6)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
/** A refusal tells what was wrong; it does not send back what came. */
const LONGEST_REFUSAL = 20_000
/** More than a body, a message of a socket and a line of the bridge may have, or as much as may pass. */
const HUGE: Readonly<Record<string, number>> = { REST: 3_000_000, WebSocket: 10_000_000, IPC: 10_000_000, bridge: 1_200_000 }

/** They reach out of the room (other processes, the network, minutes of work), so what fits them is not sent; their other inputs are. */
const OUTSIDE: ReadonlySet<string> = new Set<CommandName>(['agent.attach', 'demo.start', 'demo.install', 'demo.reset', 'alert.test'])
/** Each answer costs a password's hash or a look for Pythons; a few will do. */
const SLOW: ReadonlySet<string> = new Set<CommandName>(['user.add', 'user.setPassword', 'user.changeOwnPassword', 'stage.lock', 'stage.unlock', 'keys.create', 'keys.unlock', 'demo.show'])
/** They would end the agent that the others ask about. */
const ENDING: ReadonlySet<string> = new Set<CommandName>(['agent.stop', 'agent.restart', 'agent.remove', 'agent.detach'])

/** What the log says when something was not meant to happen; an agent's own errors are in it too. */
const DEFECTS: ReadonlySet<string> = new Set(['room.defect', 'api.defect', 'room.crashed'])

const entries = Object.entries(commands) as [CommandName, Command][]

let folder: TestFolder
let room: ControlRoom
let api: Api
let agentId: string
/** Of things that are there, so that more than a look-up answers. */
let known: Record<string, string[]>
let wires: { owner: Wire[]; ipc: ReturnType<typeof ipcWire>; bridge: Wire }
const defects: string[] = []

beforeAll(async () => {
  folder = createTestFolder()
  const dataFolder = join(folder.path, 'data')
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder,
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path, IRON_SECRETS_MASTER_KEY: createHash('sha256').update('invented').digest('hex') },
    onStopRequested: () => undefined,
    onLogEntry: (entry: LogEntry) => void (DEFECTS.has(entry.event) && defects.push(JSON.stringify(entry))),
  })
  api = await openApi(room, { port: 0, rendererFolder: null, version: '1.2.3' })
  const token = readFileSync(join(dataFolder, OWNER_TOKEN_FILE), 'utf8').trim()

  const script = folder.write('agent.sh', `#!/bin/sh\nprintf %s "$IRON_CAGE_RUN_TOKEN" > "${folder.path}/run.part"\nprintf %s "$IRON_CAGE_BRIDGE" > "${folder.path}/bridge"\nmv "${folder.path}/run.part" "${folder.path}/run"\necho ready\nread _\n`, 0o755)
  const owner = { role: 'admin', id: 'owner' } as const
  agentId = ((await room.router.request('agent.start', { script, budget: '$1' }, owner)) as { id: string }).id
  const { id: secretId } = (await room.router.request('secret.create', { name: 'INVENTED_KEY', value: 'an invented value', environment: 'development' }, owner)) as { id: string }
  const { scopeId } = (await room.router.request('scope.open', { agentId, name: 'invented', budget: '$0.10' }, { role: 'agent', id: agentId })) as { scopeId: string }
  known = { agentId: [agentId, 'zz-00000000'], secretId: [secretId, 'secret-000000000000'], scopeId: [scopeId], service: ['crm'], toolCallId: ['invented'], interpreter: ['/nowhere/python'] }
  const isReady = Promise.withResolvers<void>()
  let shown = ''
  const output = room.router.open('terminal.output', { agentId }, owner, {
    push(item) {
      shown += (item as { data?: string }).data ?? ''
      if (shown.includes('ready')) isReady.resolve()
    },
    end: () => undefined,
  })
  await isReady.promise
  output.close()
  const [runToken, bridge] = ['run', 'bridge'].map((name) => readFileSync(join(folder.path, name), 'utf8'))
  const ipc = ipcWire(room)
  wires = { owner: [restWire(api.port, token), webSocketWire(api.port, token), ipc], ipc, bridge: bridgeWire(bridge!, runToken!) }
}, 60_000)

afterAll(async () => {
  for (const wire of [...wires.owner, wires.bridge]) await wire.close()
  await api.close()
  await room.stop()
  folder.remove()
})

function inputsFor(name: string, schema: Command['input']): JsonValue[] {
  const inputs = fc.sample(inputsOf(schema, { known: { ...known, ...(ENDING.has(name) ? { agentId: ['zz-00000000'] } : {}) } }), { numRuns: SLOW.has(name) ? Math.ceil(RUNS / 4) : RUNS, seed: SEED })
  return OUTSIDE.has(name) ? inputs.filter((input) => !schema.safeParse(input).success) : inputs
}

function expectFit(reply: Reply, { output, contentType }: Pick<Command, 'output' | 'contentType'>, about: unknown): void {
  const context = JSON.stringify(about).slice(0, 400)
  if ('error' in reply) {
    expect(Object.keys(ERROR_STATUS), context).toContain(reply.error.code)
    expect(reply.error, context).not.toMatchObject({ code: 'INTERNAL' })
    expect(reply.error.message, context).toEqual(expect.any(String))
    expect(reply.size, context).toBeLessThan(LONGEST_REFUSAL)
    if (reply.status !== undefined) expect(reply.status, context).toBeGreaterThanOrEqual(400)
    if (reply.status !== undefined) expect(reply.status, context).not.toBe(500)
  } else if (reply.isText) {
    expect(contentType, context).toEqual(expect.any(String))
  } else {
    expect(output.safeParse(reply.output).error?.issues ?? [], context).toEqual([])
  }
}

describe('whatever is asked for, by whichever wire, has an answer that the contract knows:', () => {
  it.each(entries)('%s', async (name, command) => {
    for (const input of inputsFor(name, command.input)) {
      for (const wire of [...wires.owner, wires.bridge]) {
        const reply = await wire.ask(name, input)
        if (reply) expectFit(reply, command, { wire: wire.name, name, input })
      }
    }
    expect(defects).toEqual([])
  })

  it.each(entries.filter(([name]) => !OUTSIDE.has(name)))('%s, with a text of millions of letters', async (name, command) => {
    for (const wire of [...wires.owner, wires.bridge]) {
      const input = longInputOf(command.input, HUGE[wire.name]!, { known: { agentId: ['zz-00000000'] } })
      const reply = input === null ? null : await wire.ask(name, input)
      if (reply) expectFit(reply, command, { wire: wire.name, name })
    }
    expect(defects).toEqual([])
  })
})

describe('whatever is followed, by whichever wire, opens or is refused:', () => {
  it.each(Object.entries(streams) as [string, Stream][])('%s', async (name, { input: schema }) => {
    for (const input of inputsFor(name, schema as never)) {
      for (const wire of wires.owner) {
        const reply = await wire.open?.(name, input)
        if (reply && 'error' in reply) {
          expect(reply.error.code satisfies ErrorCode, JSON.stringify({ wire: wire.name, input }).slice(0, 400)).not.toBe('INTERNAL')
          expect(reply.size).toBeLessThan(LONGEST_REFUSAL)
        }
      }
    }
    expect(defects).toEqual([])
  })
})

describe('what only Electron could carry', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  it.each([
    ['nothing', undefined],
    ['a big integer', { id: 1, request: 'room.identity', input: 1n }],
    ['a map', new Map([['id', 1]])],
    ['a date', new Date(0)],
    ['a circle', circle],
    ['no number', { id: Number.NaN, request: 'room.identity', input: {} }],
    ['bytes', new Uint8Array(1000)],
    ['a hole', [, 1]],
    ['an error', new Error('invented')],
  ])('(%s) is dealt with, and the next question is answered', async (_what, message) => {
    wires.ipc.post(message)
    expect(await wires.ipc.ask('room.identity', {})).toMatchObject({ output: { version: '1.2.3' } })
    expect(defects).toEqual([])
  })
})

describe('the room afterwards', () => {
  it('still has its agent, its chain of audit rows, and no defect in its log', async () => {
    const owner = { role: 'admin', id: 'owner' } as const
    expect(await room.router.request('agent.status', { agentId }, owner)).toMatchObject({ status: 'running' })
    expect(await room.router.request('audit.verify', {}, owner)).toMatchObject({ firstBad: null })
    expect(readdirSync(join(folder.path, 'data')).length).toBeGreaterThan(0)
    expect(defects).toEqual([])
  })

  it('has no prototype that anybody has written to', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Record<string, unknown>)['role']).toBeUndefined()
  })
})
