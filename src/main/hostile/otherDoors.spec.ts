import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonValue } from '../../shared/errors.ts'
import { ToWindow } from '../../shared/windowWire.ts'
import { callBridge, createTestBridge, hello, type TestBridge } from '../agents/bridge/testBridge.ts'
import { openApi, type Api } from '../api/openApi.ts'
import { ask } from '../api/testHttp.ts'
import { createTestRoom, type TestRoom } from '../api/testRoom.ts'
import { openWindowDoor } from '../desktop/windowDoor.ts'
import { ask as askGateway, CHAT, createTestGateway, MESSAGE, type TestGateway } from '../gateway/testGateway.ts'
import { inputsOf, spoiled } from './testInputs.ts'

/** The doors that the contract knows nothing of, with the same spoiled inputs. */

const RUNS = 4 * Number(process.env['FUZZ_RUNS'] ?? 6)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
const spoil = (...fitting: JsonValue[]): JsonValue[] => fc.sample(spoiled(fc.constantFrom(...fitting)), { numRuns: RUNS, seed: SEED })
const about = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? 'nothing'

let test: TestRoom
let api: Api
let gateway: TestGateway
let bridge: TestBridge
beforeAll(async () => {
  // Nobody can wait for real passwords here.
  test = await createTestRoom({ passwords: { hash: async () => 'hash', verify: async () => false } })
  api = await openApi(test.room, { port: 0, rendererFolder: null, version: '1.2.3' })
  gateway = await createTestGateway()
  bridge = await createTestBridge()
})
afterAll(async () => {
  await bridge.close()
  await gateway.close()
  await api.close()
  await test.remove()
})

describe('signing in', () => {
  it('refuses whatever is no name and password, by its own table of refusals', async () => {
    for (const body of spoil({ username: 'ada', password: 'an invented password' })) {
      const answer = await ask(api.port, '/api/auth/login', { method: 'POST', body: JSON.stringify(body) })
      expect([400, 401, 413, 429], about(body)).toContain(answer.status)
      expect(answer.text.length, about(body)).toBeLessThan(20_000)
    }
  })

  it('takes a form as badly filled in as it comes', async () => {
    const origin = `http://127.0.0.1:${api.port}`
    const headers = { origin, 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
    const bodies = ['', '=', '&&&', 'username', 'username=a&username=b&password=c', 'password=%', 'username=%00&password=%ff', '__proto__=1', 'username[]=a', `username=${'a'.repeat(1_000_000)}`, `${'a=1&'.repeat(50_000)}`]
    for (const body of bodies) {
      const answer = await ask(api.port, '/sign-in', { method: 'POST', body, headers })
      expect([answer.status >= 400 && answer.status < 500, about(body)]).toEqual([true, about(body)])
      expect(answer.text.length).toBeLessThan(20_000)
    }
  })

  it('leaves no defect behind', () => expect([test.defects, test.logged.filter(({ event }) => event === 'api.defect')]).toEqual([[], []]))
})

describe('the gateway', () => {
  const tool = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: { name: { type: 'string' } } } } }
  it.each([
    ['OpenAI', () => `${gateway.openai}/chat/completions`, [CHAT, { ...CHAT, tools: [tool], messages: [...CHAT.messages, { role: 'user', content: [{ type: 'text', text: 'more' }] }] }]],
    ['Anthropic', () => `${gateway.anthropic}/v1/messages`, [MESSAGE, { ...MESSAGE, system: [{ type: 'text', text: 'be kind' }], messages: [{ role: 'user', content: [{ type: 'text', text: 'more' }] }] }]],
  ])('answers every spoiled call, in the words of %s', async (_provider, url, bodies) => {
    for (const body of spoil(...(bodies as JsonValue[]))) {
      const answer = await askGateway(url(), JSON.stringify(body))
      // What it cannot find fault with goes on: the provider's answer then counts.
      expect([200, 400, 403, 404, 413], about(body)).toContain(answer.status)
      expect(typeof JSON.parse(answer.text), about(body)).toBe('object')
    }
    expect(gateway.defects).toEqual([])
  })
})

describe('the bridge', () => {
  it('answers, overhears or hangs up on every spoiled message, and is there for the next', async () => {
    const messages = spoil(hello() as JsonValue, { kind: 'ask', id: 1, command: 'agent.log', input: {} }, { kind: 'tell', command: 'agent.log', input: {} }, { kind: 'handles', signal: true, secrets: false }, { kind: 'applied', generation: 1 }, { kind: 'fetch' })
    for (const message of messages) {
      const caller = await callBridge(bridge.path)
      caller.send(message)
      caller.send(hello())
      caller.send({ kind: 'ask', id: 77, command: 'room.identity', input: {} })
      const last = await Promise.race([caller.gone.then(() => 'gone'), answerTo77(caller)])
      expect(['gone', 'answered'], about(message)).toContain(last)
      caller.socket.destroy()
    }
    expect(bridge.defects).toEqual([])
  })

  async function answerTo77(caller: Awaited<ReturnType<typeof callBridge>>): Promise<string> {
    for (;;) if ((await caller.next())['id'] === 77) return 'answered'
  }
})

describe('the window', () => {
  it('takes from its page what it knows, word for word, and nothing else', () => {
    const ipc = new EventEmitter()
    const heard: unknown[] = []
    openWindowDoor({ ipc: ipc as never, log: { write: () => undefined, flush: async () => undefined }, onMessage: (message) => void heard.push(message), onPageGone: () => undefined })
    const sender = Object.assign(new EventEmitter(), { isDestroyed: () => false, send: () => undefined })
    const messages = fc.sample(inputsOf(ToWindow, { known: {} }), { numRuns: 10 * RUNS, seed: SEED })
    for (const message of messages) ipc.emit('control-room-window', { sender, senderFrame: { origin: 'app://control-room', parent: null, detached: false } }, message)
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.length).toBeLessThan(messages.length)
    for (const message of heard) expect(ToWindow.safeParse(message).success).toBe(true)
  })
})
