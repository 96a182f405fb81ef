import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../shared/domain/event.ts'
import { OWNER_TOKEN_FILE } from './access/ownerToken.ts'
import { openApi, type Api } from './api/openApi.ts'
import { ask, type Answer } from './api/testHttp.ts'
import { openSocket } from './api/testSocket.ts'
import { composeControlRoom } from './compose.ts'
import { createTestFolder, type TestFolder } from './configuration/testFolder.ts'
import type { ControlRoom } from './controlRoom.ts'
import { readExposition, type ReadFamily } from './metrics/testExposition.ts'
import { systemClock, systemRandom } from './systemPorts.ts'

const OWNER = { role: 'admin', id: 'owner' } as const
/** Debian's package `prometheus` brings it. It is not installed for the tests: it would go on listening on a port of this machine. */
const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0

let folder: TestFolder
let room: ControlRoom
let api: Api
let owner: string
let viewer: string
let agentId: string

/** It calls once, with an address that is private, tells its run's token, and stays. */
const AGENT = `
  import { writeFileSync } from 'node:fs'
  const { OPENAI_BASE_URL: url, IRON_CAGE_RUN_TOKEN: token } = process.env
  writeFileSync('token', token)
  await fetch(url + '/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ model: 'gpt-4', max_tokens: 8, messages: [{ role: 'user', content: 'Write to ceo@acme.example' }] }),
  }).then((answer) => answer.text())
  console.log('done')
  setInterval(() => {}, 1000)`

function heard(names: readonly Event['name'][]): Promise<unknown> {
  const missing = new Set(names)
  return new Promise<void>((resolve) => {
    const stop = room.bus.listen((batch) => {
      for (const { name } of batch) missing.delete(name)
      if (missing.size > 0) return
      stop()
      resolve()
    })
  })
}

beforeAll(async () => {
  folder = createTestFolder()
  room = await composeControlRoom({
    clock: systemClock,
    random: systemRandom,
    dataFolder: join(folder.path, 'data'),
    host: 'browser',
    version: '1.2.3',
    environment: { PATH: process.env.PATH, HOME: folder.path },
    onStopRequested: () => undefined,
  })
  api = await openApi(room, { port: 0, rendererFolder: null, version: '1.2.3' })
  owner = (await readFile(join(room.dataFolder, OWNER_TOKEN_FILE), 'utf8')).trim()
  const { token } = (await room.router.request('token.create', { label: 'a collector', role: 'viewer' }, OWNER)) as { token: string }
  viewer = token
  const script = folder.write('careless_agent.mjs', AGENT)
  const over = heard(['llm.callFinished', 'safety.recorded'])
  const { id } = (await room.router.request('agent.start', { script, budget: '$1', provider: 'simulated' }, OWNER)) as { id: string }
  agentId = id
  await over
})
afterAll(async () => {
  await api.close()
  await room.stop()
  folder.remove()
})

const scrape = (token: string | null, path = '/metrics'): Promise<Answer> => ask(api.port, path, { headers: token === null ? {} : { authorization: `Bearer ${token}` } })
const families = async (): Promise<Map<string, ReadFamily>> => readExposition((await scrape(viewer)).text)

describe('GET /metrics', () => {
  it('is for admins and viewers, never without a token, and not for agents', async () => {
    const ofRun = await readFile(join(folder.path, 'token'), 'utf8')
    const answers = await Promise.all([scrape(null), scrape('wrong'), scrape(ofRun), scrape(viewer), scrape(owner), scrape(viewer, '/api/metrics'), scrape(null, '/api/metrics')])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 200, 200, 200, 401])
    expect(answers[3]?.headers).toMatchObject({ 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="metrics.txt"' })
  })

  it('tells what the room knows, in a form that a strict reader takes', async () => {
    const read = await families()
    const value = (name: string, labels: Record<string, string> = {}): number | undefined =>
      read.get(name)?.samples.find((sample) => Object.entries(labels).every(([key, one]) => sample.labels[key] === one))?.value
    expect(value('iron_cage_info', { version: '1.2.3', host: 'browser' })).toBe(1)
    expect(value('iron_cage_agents', { status: 'running' })).toBe(1)
    expect(value('iron_cage_agent_budget_limit_dollars', { agent: agentId })).toBe(1)
    expect(value('iron_cage_agent_budget_spent_dollars', { agent: agentId })).toBe(value('iron_cage_llm_cost_dollars_total', { model: 'gpt-4' }))
    expect(value('iron_cage_llm_calls_total', { outcome: 'answered', model: 'gpt-4', mode: 'simulated' })).toBe(1)
    expect(value('iron_cage_findings_total', { type: 'email', direction: 'to-model', action: 'redacted' })).toBe(1)
    expect(value('iron_cage_agent_processes', { agent: agentId })).toBeGreaterThan(0)
    expect(value('iron_cage_llm_calls_parked')).toBe(0)
    for (const name of ['iron_cage_database_bytes', 'process_resident_memory_bytes', 'process_cpu_seconds_total', 'iron_cage_event_loop_active_seconds_total']) expect([name, value(name)]).toEqual([name, expect.any(Number)])
  })

  it('counts those who watch', async () => {
    const before = (await families()).get('iron_cage_websocket_connections')?.samples[0]?.value
    const socket = await openSocket(api.port, { authorization: `Bearer ${owner}` })
    const during = (await families()).get('iron_cage_websocket_connections')?.samples[0]?.value
    socket.webSocket.close()
    await socket.closed
    expect([before, during]).toEqual([0, 1])
  })

  it('holds nothing private: no name of a script, no folder, no token, no address', async () => {
    const { text: told } = await scrape(viewer)
    for (const word of ['careless', folder.path, owner, viewer, 'ceo', 'acme', 'a collector']) expect(told).not.toContain(word)
  })

  it.skipIf(!hasPromtool)('is taken by promtool without a remark (skipped: there is no promtool here)', async () => {
    const tool = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] })
    tool.stdin.end((await scrape(viewer)).text)
    const [said, problems] = await Promise.all([text(tool.stdout), text(tool.stderr), once(tool, 'exit')])
    expect([said, problems, tool.exitCode]).toEqual(['', '', 0])
  })

  it.skipIf(!hasPrometheus)('is scraped by Prometheus itself (skipped: there is no prometheus here)', async () => {
    const scrapes: number[] = []
    const between = createServer((request, response) => {
      void ask(api.port, request.url ?? '', { headers: { authorization: request.headers.authorization ?? null } }).then(({ status, headers, text: told }) => {
        scrapes.push(status)
        response.writeHead(status, { 'content-type': headers['content-type'] }).end(told)
        between.emit('scraped')
      })
    })
    await once(between.listen(0, '127.0.0.1'), 'listening')
    const config = { scrape_configs: [{ job_name: 'room', scrape_interval: '1s', authorization: { credentials: viewer }, static_configs: [{ targets: [`127.0.0.1:${portOf(between)}`] }] }] }
    const file = folder.write('prometheus.yml', JSON.stringify(config))
    const port = await freePort()
    const prometheus = spawn('prometheus', [`--config.file=${file}`, `--storage.tsdb.path=${join(folder.path, 'series')}`, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
    try {
      // By the second one the first is stored.
      await once(between, 'scraped')
      await once(between, 'scraped')
      const { data } = JSON.parse((await ask(port, '/api/v1/query?query=iron_cage_agents%7Bstatus%3D%22running%22%7D')).text) as { data: { result: { value: [number, string] }[] } }
      expect([new Set(scrapes), data.result.map(({ value }) => value[1])]).toEqual([new Set([200]), ['1']])
    } finally {
      const isGone = once(prometheus, 'exit')
      prometheus.kill()
      await isGone
      between.close()
    }
  })
})

const portOf = (server: Server): number => (server.address() as AddressInfo).port

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const port = portOf(server)
  server.close()
  return port
}
