import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Agent, AgentId } from '../../shared/domain/agent.ts'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import type { SafetyMode } from '../../shared/domain/safetyRules.ts'
import { openMailServer, openReceiver } from '../alerts/testAlerts.ts'
import { restRoutes } from '../api/restRoutes.ts'
import { ask, type Answer, type Ask } from '../api/testHttp.ts'
import { createTestUser, type EndedCommand, type RunningCommand } from '../cli/testCommandLine.ts'
import { heldFile, NODE_AGENT, POOR_AGENT, PYTHON_AGENT, WAITING_AGENT } from './testCarelessAgents.ts'
import { held, inOneText, secrets, typed } from './testPrivate.ts'
import { asRead, filesOf, tablesOf, type Evidence } from './testSearch.ts'
import { openTalkativeProvider } from './testTalkativeProvider.ts'
import { openTap, type Tap } from './testTap.ts'
import { openViewer, type Viewer } from './testViewer.ts'

/** Everything that a run left, by place. */
export type Places = Readonly<Record<string, readonly Evidence[]>>

export interface WholeRun {
  /** Ours: nothing private may be found there, whatever the rules say. */
  readonly ours: Places
  /** Of agents whose rules do not let it through. */
  readonly guarded: Places
  /** Of an agent whose rules only warn: there it must be. */
  readonly warned: { readonly upstream: readonly Evidence[]; readonly received: readonly Evidence[] }
  readonly statuses: Readonly<Record<string, string>>
  /** What was opened, for a reason. */
  readonly opened: string
  readonly incidents: number
}

const TYPED = inOneText(typed)
const text = (name: string, ...texts: readonly string[]): Evidence[] => texts.map((one) => ({ name, bytes: Buffer.from(one) }))

/** A room with its real doors, in a process of its own, in which everybody is careless, and which is killed in between. For specs only. */
export async function runEverything(environment: Readonly<Record<string, string>>): Promise<WholeRun> {
  const user = createTestUser()
  const provider = await openTalkativeProvider()
  const [webhook, mails] = [await openReceiver(), await openMailServer()]
  const taps: Tap[] = []
  const tap = async (name: string, port: number): Promise<Tap> => {
    const opened = await openTap(name, port)
    taps.push(opened)
    return opened
  }
  const ours: Record<string, Evidence[]> = {}
  const guarded: Record<string, Evidence[]> = {}
  const keep = (place: string, evidence: readonly Evidence[]): void => void (ours[place] ??= []).push(...evidence)

  const roomEnvironment = {
    ...environment,
    SEEDED_STORE_KEY: secrets.storeKey,
    IRON_CAGE_ALERT_PRIVATE_DATA: 'all',
    IRON_CAGE_ALERT_WEBHOOK: webhook.url,
    IRON_CAGE_ALERT_EMAIL: 'ops@iron-cage.invalid',
    IRON_CAGE_SMTP_SERVER: `smtp://127.0.0.1:${mails.port}`,
  }
  const rooms: RunningCommand[] = []

  async function openRoom(): Promise<{ port: number; viewers: Tap; viewer: Viewer; command: RunningCommand }> {
    const command = user.start(['serve', '--port', '0', '--log-format', 'json', '--verbose'], { environment: roomEnvironment })
    rooms.push(command)
    const [, port = ''] = await command.until('stdout', /listening on http:\/\/127\.0\.0\.1:(\d+)/)
    const viewers = await tap('viewers', Number(port))
    const viewer = await openViewer(viewers.port, { host: `127.0.0.1:${port}`, authorization: bearer() })
    return { port: Number(port), viewers, viewer, command }
  }
  const bearer = (): string => `Bearer ${readFileSync(join(user.dataFolder, 'owner.token'), 'utf8').trim()}`

  try {
    user.write('held.json', heldFile())
    let room = await openRoom()
    /** As a viewer asks whose bytes are kept; `unseen` where the answer may repeat what was asked. */
    const rest = (path: string, options: Ask = {}, way: 'seen' | 'unseen' = 'seen'): Promise<Answer> =>
      ask(way === 'seen' ? room.viewers.port : room.port, path, { ...options, headers: { host: `127.0.0.1:${room.port}`, authorization: bearer() } })
    const post = (path: string, body: unknown, way?: 'seen' | 'unseen', method = 'POST'): Promise<Answer> => rest(`/api${path}`, { method, body }, way)

    const receivedBy = (name: string): string => join(user.folder, `${name}.received`)
    const variablesOf = (name: string): Record<string, string> => ({
      HELD_FILE: join(user.folder, 'held.json'),
      RECEIVED_FILE: receivedBy(name),
      SEEDED_ACCESS_TOKEN: secrets.accessToken as string,
      SEEDED_PASSWORD: held.password as string,
      SEEDED_NOTE: inOneText(held),
    })
    const script = (name: string, source: string): string => user.write(`agents of ${held.email}/${name}`, source)

    async function run(name: string, source: string, mode: SafetyMode, flags: readonly string[] = []): Promise<EndedCommand> {
      const upstream = await tap(`upstream of ${name}`, provider.port)
      const settings = [
        '--provider', 'live', '--upstream-openai', `http://127.0.0.1:${upstream.port}/v1`, '--upstream-anthropic', `http://127.0.0.1:${upstream.port}`,
        '--unknown-model', 'ceiling', '--budget', '50000', '--restart', 'never', '--safety-mode', mode, '--log-format', 'json', '--verbose', ...flags,
        ...Object.entries(variablesOf(name)).flatMap(([variable, value]) => ['--variable', `${variable}=${value}`]),
      ]
      const ending = name.startsWith('python') ? 'py' : 'mjs'
      const args = ['--to', held.email as string, `--password=${held.password}`, inOneText(held)]
      return user.run(['start', script(`${name}.${ending}`, source), ...settings, '--', ...args])
    }

    const statuses: Record<string, string> = {}
    const ended = new Map<string, EndedCommand>()
    // Every attempt at something else is noted down, with what it was.
    const narrow = ['--allow-model', 'gpt-4', '--allow-tool', 'none', '--allow-host', 'example.test', '--allow-path', '/nowhere', '--unauthorised', 'warn']
    const runs: [name: string, source: string, mode: SafetyMode, flags?: string[]][] = [
      ['pythonRedacts', PYTHON_AGENT, 'redact', narrow],
      ['nodeRedacts', NODE_AGENT, 'redact'],
      ['pythonWarns', PYTHON_AGENT, 'warn'],
      ['nodeWarns', NODE_AGENT, 'warn', narrow],
      ['pythonBlocks', PYTHON_AGENT, 'block'],
      ['nodeBlocks', NODE_AGENT, 'block', ['--safety-direction', 'terminal=redact', '--safety-direction', 'to-model=redact', '--safety-direction', 'tools=redact']],
    ]
    const agentOf = async (name: string): Promise<Agent> => (await room.viewer.until('agent.changed', ({ payload }) => payload.agent.plan.script.includes(name))).payload.agent
    await Promise.all(
      runs.map(async ([name, source, mode, flags]) => {
        const running = run(name, source, mode, flags)
        // What an agent shows whose rules only warn is not ours.
        if (mode !== 'warn') room.viewer.watchTerminal((await agentOf(name)).id)
        ended.set(name, await running)
      }),
    )

    // Somebody decides about an agent without money.
    const start = (name: string, source: string, more: object): Promise<Answer> => {
      const upstreamOpenai = `http://127.0.0.1:${provider.port}/v1`
      const common = { provider: 'live', upstreamOpenai, restart: 'never', variables: variablesOf(name) }
      return post('/agents', { script: script(name, source), ...common, ...more })
    }
    const poor = JSON.parse((await start('poor.mjs', POOR_AGENT, { budget: '0.0001', atLimit: 'ask' })).text) as Agent
    await room.viewer.until('budget.callParked')
    await post(`/agents/${poor.id}/budget/decline`, { reason: `No. ${TYPED}` })
    await room.viewer.until('agent.changed', ({ payload: { agent } }) => agent.id === poor.id && isSettled(agent.status))

    // People write it too.
    const first = (await agentOf('pythonRedacts')).id
    const findings = JSON.parse((await rest('/api/findings?kind=private&limit=500')).text) as { records: { id: string; hasOriginal: boolean }[] }
    const finding = findings.records.find(({ hasOriginal }) => hasOriginal) ?? findings.records[0]
    await post(`/agents/${first}/budget`, { by: 1_000_000_000, reason: `for ${TYPED}` })
    await post('/safety/check', { text: TYPED, agentId: first })
    await post('/safety/rules', { agentId: first, rules: { types: { phone: 'warn' } } }, 'seen', 'PUT')
    for (const about of [{ kind: 'value', value: typed.email }, { kind: 'value', value: held.email }, { kind: 'domain', value: '@acme-invented.test' }, { kind: 'pattern', value: '.*' }, { kind: 'value', findingId: finding?.id }]) {
      await post('/safety/allowances/preview', about)
    }
    const opened = (await post(`/findings/${finding?.id}/open`, { reason: `${TYPED} asked` }, 'unseen')).text
    await post('/agents', { script: `/nowhere/${typed.email}.py`, args: [TYPED] }, 'unseen')
    await post('/launch/inspect', { script: `/nowhere/${typed.email}.py` }, 'unseen')
    await rest(`/api/agents/${encodeURIComponent(TYPED)}?of=${encodeURIComponent(TYPED)}`, {}, 'unseen')
    await rest(`/api/events?${encodeURIComponent(TYPED)}=1`, {}, 'unseen')
    await post('/safety/check', { nothing: TYPED, [TYPED]: 1 }, 'unseen')

    // Everything that can be read, by every agent and of a call.
    const agents = (JSON.parse((await rest('/api/agents')).text) as { agents: Agent[] }).agents
    for (const { plan, status } of agents) statuses[plan.script.replace(/^.*\//, '')] = status
    const [call] = (JSON.parse((await rest('/api/calls')).text) as { calls: { id: string }[] }).calls
    await readAll(rest, agents.map(({ id }) => id), call?.id ?? '')
    await Promise.all([webhook.posts.until(1), mails.mails.until(1)])

    const commands = [
      ['list'], ['status', first, '--json'], ['logs', first], ['costs', '--csv'], ['costs', first, '--json'], ['calls', '--json', '--limit', '500'],
      ['findings', '--limit', '500'], ['findings', '--json'], ['audit', 'export'], ['audit', 'export', '--csv'], ['audit', 'verify'], ['rules', first], ['allow'],
      ['raise', first, '--by', '1', '--reason', TYPED], ['config', '--explain'],
      ...agents.filter(({ id }) => id !== first).map(({ id }) => ['logs', id, '--lines', '10000']),
    ]
    for (let at = 0; at < commands.length; at += 4) {
      const some = commands.slice(at, at + 4)
      const printed = await Promise.all(some.map((command) => user.run(command, { environment: roomEnvironment })))
      printed.forEach(({ stdout, stderr }, index) => keep('what commands print', text(`iron_cage ${some[index]?.join(' ')}`, stdout, stderr)))
    }
    keepFolder('while the room is open')

    // Death in the middle, and what comes after.
    const waiting = JSON.parse((await start('waiting.py', WAITING_AGENT, { budget: '50' })).text) as Agent
    room.viewer.watchTerminal(waiting.id)
    await provider.hung
    await post(`/agents/${waiting.id}/terminal/input`, { data: `${TYPED}\n` })
    room.command.child.kill('SIGKILL')
    await room.command.ended
    keep('what viewers see', room.viewers.back)
    keep('what terminals show', text('terminals', asRead(room.viewer.terminals)))
    keepFolder('after the room was killed')
    room = await openRoom()
    await rest('/api/agents')
    await readAll(rest, [waiting.id], call?.id ?? '')

    const database = new DatabaseSync(databaseOf(user.dataFolder))
    database.exec('PRAGMA busy_timeout = 5000; ALTER TABLE safety_allowances RENAME TO gone')
    database.close()
    await post('/safety/allowances', { kind: 'value', value: typed.email }, 'unseen')
    await room.viewer.close()
    room.command.child.kill('SIGTERM')
    await room.command.ended
    keep('what viewers see', room.viewers.back)
    keepFolder('when the room is closed')

    for (const { stdout, stderr } of await Promise.all(rooms.map(({ ended }) => ended))) keep('what the room prints', text('iron_cage serve', stdout, stderr))
    keep('webhooks', text('a post', ...webhook.posts.all.map(({ headers, body }) => `${JSON.stringify(headers)}\n${body}`)))
    keep('mails', text('a mail', ...mails.mails.all.flatMap(({ source }) => [source, decodedMail(source)])))
    for (const [name, { stdout, stderr }] of ended) {
      keep('notes of iron_cage start', text(`stderr of ${name}`, stderr))
      if (name.endsWith('Warns')) continue
      guarded['screens of iron_cage start'] = [...(guarded['screens of iron_cage start'] ?? []), ...text(`stdout of ${name}`, stdout, asRead(stdout))]
    }
    const upstreamOf = (ending: string): Evidence[] => taps.flatMap(({ there }) => there).filter(({ name }) => name.includes(`${ending},`))
    const received = (...names: string[]): Evidence[] =>
      names.filter((name) => existsSync(receivedBy(name))).map((name) => ({ name: `received by ${name}`, bytes: readFileSync(receivedBy(name)) }))
    guarded['what upstreams of redacted agents get'] = upstreamOf('Redacts')
    guarded['what upstreams of blocked agents get'] = upstreamOf('Blocks')
    guarded['what redacted agents get'] = received('pythonRedacts', 'nodeRedacts')
    guarded['what blocked agents get'] = received('pythonBlocks', 'nodeBlocks', 'poor.mjs')
    const logs = ours['log files when the room is closed'] ?? []
    const incidents = logs.reduce((sum, { bytes }) => sum + bytes.toString().split('"incident').length - 1, 0)
    return { ours, guarded, warned: { upstream: upstreamOf('Warns'), received: received('pythonWarns', 'nodeWarns') }, statuses, opened, incidents }

    function keepFolder(when: string): void {
      const files = filesOf(user.dataFolder)
      keep(`the data folder ${when}`, files)
      keep(`log files ${when}`, files.filter(({ name }) => name.startsWith('logs')))
      keep(`recordings ${when}`, files.filter(({ name }) => name.includes('as it is read')))
      const copy = join(user.folder, 'copy')
      mkdirSync(copy)
      const database = databaseOf(user.dataFolder)
      for (const ending of ['', '-wal']) if (existsSync(database + ending)) cpSync(database + ending, join(copy, `copy.db${ending}`))
      keep(`tables ${when}`, tablesOf(join(copy, 'copy.db')))
      rmSync(copy, { recursive: true })
    }
  } finally {
    for (const close of [...taps.map((one) => () => one.close()), () => user.leave(), () => provider.close(), () => webhook.close(), () => mails.close()]) await close()
  }
}

/** Every address of the contract from which something is read. */
async function readAll(rest: (path: string) => Promise<Answer>, agentIds: readonly AgentId[], callId: string): Promise<void> {
  const reads = restRoutes().filter(({ method }) => method === 'GET')
  const forNobody = reads.filter(({ parameters }) => parameters.length === 0).map(({ path }) => path)
  const forAgents = reads.filter(({ parameters }) => parameters.length === 1 && parameters[0] === 'agentId')
  const forCalls = reads.filter(({ parameters }) => parameters[0] === 'callId').map(({ path }) => path.replace(':callId', callId))
  const paths = ['/api/openapi.json', '/api/health', '/api/events?limit=5000', '/api/findings?limit=500', '/api/calls?limit=1000', ...forNobody, ...forCalls]
  for (const path of paths) await rest(path)
  for (const agentId of agentIds) for (const { path } of forAgents) await rest(path.replace(':agentId', agentId))
}

function databaseOf(folder: string): string {
  const found = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
    .find((path) => readFileSync(path).toString('latin1', 0, 15) === 'SQLite format 3')
  if (found === undefined) throw new Error(`There is no database in ${folder}.`)
  return found
}

/** Quoted-printable and base64 parts, read. */
function decodedMail(source: string): string {
  const base64 = source.replace(/(?:^[A-Za-z0-9+/=]{20,}\r?\n)+/gm, (block) => Buffer.from(block, 'base64').toString())
  return base64.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}
