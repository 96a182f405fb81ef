import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../shared/contract/contract.ts'
import { createTestBridge, TOKEN as BRIDGE_TOKEN, type TestBridge } from '../agents/bridge/testBridge.ts'
import { openApi, type Api } from '../api/openApi.ts'
import { restRoutes } from '../api/restRoutes.ts'
import { ask, type Ask } from '../api/testHttp.ts'
import { AGENT_ID, createTestRoom, RUN_TOKEN, type TestRoom } from '../api/testRoom.ts'
import { refusedSocket } from '../api/testSocket.ts'
import { openWorld } from '../demo/world/world.ts'
import { systemClock } from '../systemPorts.ts'
import { MODELS, POSTS } from '../gateway/route.ts'
import { createTestGateway, TOKEN, type TestGateway } from '../gateway/testGateway.ts'
import { pageRequests, reboundRequests } from './testPages.ts'

/** A page in a browser on this machine, against every address that the room has: what the contract gets anew is in here by itself. */

let test: TestRoom
let api: Api
let gateway: TestGateway
let bridge: TestBridge
let cookie: string
const handled: string[] = []

beforeAll(async () => {
  const commandHandlers = Object.fromEntries(Object.keys(commands).map((name) => [name, () => void handled.push(name)]))
  test = await createTestRoom({ commandHandlers: commandHandlers as never })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3' })
  // SameSite=Strict keeps it out of what foreign pages send; nothing here counts on that.
  cookie = `iron_cage_${api.port}=${(await test.room.access.redeemCode(test.room.access.createCode()))!.session}`
  gateway = await createTestGateway()
  bridge = await createTestBridge()
})
afterAll(async () => {
  await bridge.close()
  await gateway.close()
  await api.close()
  await test.remove()
})
afterEach(() => {
  expect(handled).toEqual([])
  expect(gateway.upstream.seen).toEqual([])
})

const concrete = (path: string): string => path.replace(':agentId', AGENT_ID).replace(/:\w+/g, 'x')
const addresses = restRoutes().map(({ method, path }) => ({ method, path: concrete(path) }))

/** What a page may send of itself is GET and POST; the others need leave, which is asked for by OPTIONS. */
function fits(method: string, request: Ask): boolean {
  return method === (request.method ?? 'GET')
}

describe.each(addresses.map((address) => [`${address.method} ${address.path}`, address] as const))('%s', (_name, { method, path }) => {
  it('does nothing that a hostile page asks for, though its user is signed in', async () => {
    for (const { what, ask: request } of pageRequests(api.port)) {
      if (!fits(method, request)) continue
      const bare = await ask(api.port, path, request)
      expect([what, bare.status, bare.headers['access-control-allow-origin']]).toEqual([what, expect.toBeOneOf([401, 403]), undefined])
      const signedIn = await ask(api.port, path, { ...request, headers: { ...request.headers, cookie } })
      expect([what, signedIn.status, signedIn.headers['access-control-allow-origin']]).toEqual([what, 403, undefined])
    }
  })

  it('does nothing for a page under a name that leads here, whatever that page knows', async () => {
    for (const { what, ask: request } of reboundRequests(api.port)) {
      const ways: Record<string, string>[] = [{ cookie }, { authorization: `Bearer ${test.ownerToken}` }, { authorization: `Bearer ${RUN_TOKEN}` }]
      for (const way of ways) {
        const answer = await ask(api.port, path, { ...request, method, headers: { ...request.headers, ...way } })
        expect([what, answer.status]).toEqual([what, 403])
      }
    }
  })

  it('gives no page leave to ask', async () => {
    for (const origin of ['https://evil.example', 'null', `http://localhost:${api.port + 1}`, `http://127.0.0.1:${api.port + 1}`]) {
      const headers = { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type', 'access-control-request-private-network': 'true' }
      const answer = await ask(api.port, path, { method: 'OPTIONS', headers })
      expect([answer.status, Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))]).toEqual([403, []])
    }
  })

  it('becomes no socket', async () => {
    const pages: Record<string, string>[] = [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://localhost:${api.port + 1}` }, { host: `rebind.example:${api.port}` }, { host: `127.1:${api.port}` }]
    for (const headers of pages) {
      expect((await refusedSocket(api.port, { ...headers, cookie }, path)).status).toBe(403)
    }
    expect((await refusedSocket(api.port, {}, path)).status).toBe(404)
  })

  it('takes its body as JSON alone', async () => {
    if (method === 'GET' || method === 'DELETE') return
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/csp-report', 'text/plain; application/json']) {
      const answer = await ask(api.port, path, { method, body: '{}', headers: { authorization: `Bearer ${test.ownerToken}`, 'content-type': type } })
      expect([type, answer.status]).toEqual([type, 415])
    }
  })
})

describe('the WebSocket of the room', () => {
  it('opens for no foreign page and no foreign name', async () => {
    const pages: Record<string, string>[] = [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://localhost:${api.port + 1}` }, { host: `rebind.example:${api.port}`, origin: `http://rebind.example:${api.port}` }, { host: `localhost.:${api.port}` }]
    const ways: Record<string, string>[] = [{ cookie }, { authorization: `Bearer ${test.ownerToken}` }]
    for (const headers of pages) {
      for (const way of ways) expect((await refusedSocket(api.port, { ...headers, ...way })).status).toBe(403)
    }
  })

  it('opens for nobody without a token, nor for a cookie without a page of ours', async () => {
    expect((await refusedSocket(api.port, { origin: `http://127.0.0.1:${api.port}` })).status).toBe(401)
    expect((await refusedSocket(api.port, { cookie })).status).toBe(403)
  })
})

const gatewayAddresses = (['openai', 'anthropic'] as const).flatMap((provider) => {
  const base = provider === 'openai' ? '/openai/v1' : '/anthropic'
  return [...[...POSTS[provider].keys()].map((path) => ({ method: 'POST', path: base + path })), { method: 'GET', path: base + MODELS[provider] }, { method: 'GET', path: `${base}/nowhere` }]
})

describe.each(gatewayAddresses.map((address) => [`${address.method} /run/…${address.path}`, address] as const))('of the gateway, %s', (_name, { method, path }) => {
  it('does nothing that a page asks for, even one that knows the token of a run', async () => {
    const port = Number(new URL(gateway.gateway.url).port)
    for (const { what, ask: request } of [...pageRequests(port), ...reboundRequests(port)]) {
      if (!fits(method, request)) continue
      const answer = await ask(port, `/run/${TOKEN}${path}`, request)
      expect([what, answer.status, answer.headers['access-control-allow-origin']]).toEqual([what, 403, undefined])
    }
  })

  it('becomes no socket, and gives no leave', async () => {
    const port = Number(new URL(gateway.gateway.url).port)
    expect((await refusedSocket(port, { origin: 'https://evil.example' }, `/run/${TOKEN}${path}`)).status).toBe(403)
    expect((await ask(port, `/run/${TOKEN}${path}`, { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': method } })).status).toBe(403)
  })
})

describe('the simulated services of a demo', () => {
  it('answer their agent alone: no page, no other name, and nothing that is no address', async () => {
    const asked: string[] = []
    const defects: unknown[] = []
    const crm = async ({ path }: { path: string }): Promise<{ status: number; body: unknown; delayMs: number }> => ({ status: 200, body: asked.push(path), delayMs: 0 })
    const world = await openWorld({ clock: systemClock, port: 0, services: { crm }, factor: () => 1, onDefect: (defect) => defects.push(defect) })
    try {
      for (const { what, ask: request } of [...pageRequests(world.port), ...reboundRequests(world.port)]) {
        expect([what, (await ask(world.port, '/crm/leads', request)).status]).toEqual([what, 421])
      }
      expect((await ask(world.port, '/crm/leads', { headers: { host: `127.0.0.1:${world.port + 1}` } })).status).toBe(421)
      for (const path of ['//', '//[', '/%', '/crm/%00', 'http://[/']) expect([path, (await ask(world.port, path)).status]).toEqual([path, expect.toBeOneOf([200, 404])])
      expect([asked.filter((path) => path === '/leads'), defects]).toEqual([[], []])
      expect((await ask(world.port, '/crm/leads')).status).toBe(200)
    } finally {
      await world.close()
    }
  })
})

describe('the bridge', () => {
  it('is no port: no page reaches it, and what speaks HTTP to it is hung up on', async () => {
    expect(bridge.path).toMatch(process.platform === 'win32' ? /^\\\\[.?]\\pipe\\/ : /^\//)
    for (const first of ['POST / HTTP/1.1', 'GET /ws HTTP/1.1', 'OPTIONS * HTTP/1.1', '\x16\x03\x01 a TLS hello']) {
      const socket = connect(bridge.path)
      // A body in which a page has written what the bridge speaks comes too late.
      socket.write(`${first}\r\nHost: x\r\n\r\n${JSON.stringify({ kind: 'hello', token: BRIDGE_TOKEN, language: 'x', pid: 4711, sdk: 'x' })}\n${JSON.stringify({ kind: 'ask', id: 1, command: 'agent.list' })}\n`)
      const said = (await text(socket)).trim().split('\n').map((line) => JSON.parse(line) as { kind: string })
      expect(said).toEqual([{ kind: 'bye', reason: 'A message was no JSON.' }])
    }
  })
})
