import { EventEmitter, once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { callBridge, type TestCaller } from '../agents/bridge/testBridge.ts'
import { restRoutes } from '../api/restRoutes.ts'
import { WebSocket } from 'ws'
import type { CommandName } from '../../shared/contract/contract.ts'
import type { ErrorBody, JsonValue } from '../../shared/errors.ts'
import type { ServerMessage } from '../../shared/wire.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { openIpcDoor } from '../desktop/ipcDoor.ts'

/** Every way into a room, each with one question: this command, with this input. For specs only. */
export interface Wire {
  readonly name: string
  /** Null where this command has no address on this wire. */
  ask(command: CommandName, input: JsonValue): Promise<Reply | null>
  /** The room is asked to open a stream; what comes first is told, and the stream is closed again. */
  open?(stream: string, input: JsonValue): Promise<Reply>
  close(): Promise<void>
}

export type Reply = { readonly output: JsonValue | string; readonly isText: boolean; readonly size: number } | { readonly error: ErrorBody; readonly size: number; readonly status?: number }

/** The first address of a command, its parameters in the path, the rest in the body, or in the query where there is none. */
export function restWire(port: number, token: string): Wire {
  const routes = new Map(restRoutes().filter(({ isPrimary }) => isPrimary).map((route) => [route.name, route]))
  return {
    name: 'REST',
    async ask(command, input) {
      const route = routes.get(command)
      if (!route) return null
      const members = typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : null
      let path = route.path
      for (const name of route.parameters) {
        const value = members?.[name]
        path = path.replace(`:${name}`, encodeURIComponent(wellFormed(typeof value === 'string' && value !== '' ? value.slice(0, 2_000) : 'x')))
        if (members) delete members[name]
      }
      const hasBody = route.method !== 'GET' && route.method !== 'DELETE'
      const query = hasBody || !members ? '' : `?${new URLSearchParams(Object.entries(members).map(([name, value]): [string, string] => [name, wordOf(value)])).toString().slice(0, 8_000)}`
      const { status, type, body } = await send(port, path + query, { method: route.method, token, payload: hasBody ? JSON.stringify(members ?? input) : null })
      if (status !== 200) return { error: (JSON.parse(body) as { error: ErrorBody }).error, status, size: body.length }
      const isText = !type.startsWith('application/json')
      return { output: isText ? body : (JSON.parse(body) as JsonValue), isText, size: body.length }
    },
    close: async () => {},
  }
}

interface Sent {
  readonly method: string
  readonly token: string
  readonly payload: string | null
}

/** Whoever sends more than is taken has to read the answer while it still writes. */
async function send(port: number, path: string, { method, token, payload }: Sent): Promise<{ status: number; type: string; body: string }> {
  const type = payload === null ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }
  const outgoing = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { authorization: `Bearer ${token}`, ...type } })
  const answered = Promise.withResolvers<IncomingMessage>()
  outgoing.on('response', answered.resolve)
  // After the answer it is no news that nobody reads on.
  outgoing.on('error', answered.reject)
  outgoing.end(payload ?? undefined)
  const incoming = await answered.promise
  return { status: incoming.statusCode ?? 0, type: incoming.headers['content-type'] ?? '', body: await text(incoming) }
}

/** JSON that nobody may send ends a WebSocket with a sentence; the next question opens another. */
export function webSocketWire(port: number, token: string): Wire {
  let current: Promise<{ webSocket: WebSocket; incoming: ReturnType<typeof createReplies> }> | null = null

  async function connect(): Promise<{ webSocket: WebSocket; incoming: ReturnType<typeof createReplies> }> {
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { authorization: `Bearer ${token}` } })
    const incoming = createReplies()
    webSocket.on('message', (data) => incoming.take(JSON.parse(data.toString()) as ServerMessage, data.toString().length))
    webSocket.on('close', (code, reason) => {
      current = null
      incoming.end(code === 1007 ? reason.toString() : null)
    })
    await once(webSocket, 'open')
    return { webSocket, incoming }
  }

  async function use(question: (incoming: ReturnType<typeof createReplies>, say: (message: unknown) => void) => Promise<Reply>): Promise<Reply> {
    const { webSocket, incoming } = await (current ??= connect())
    return question(incoming, (message) => webSocket.send(JSON.stringify(message)))
  }

  return {
    name: 'WebSocket',
    ask: (request, input) => use((incoming, say) => incoming.next((id) => say({ id, request, input }))),
    open: (open, input) => use((incoming, say) => openAndClose(incoming, say, open, input)),
    async close() {
      const open = await current
      if (!open) return
      const isClosed = once(open.webSocket, 'close')
      open.webSocket.terminate()
      await isClosed
    },
  }
}

/** Electron's own part is what a window would be to it: a sender and its frame. */
export function ipcWire(room: ControlRoom): Wire & { post(message: unknown): void } {
  const ipc = new EventEmitter()
  const incoming = createReplies()
  const contents = Object.assign(new EventEmitter(), {
    isDestroyed: () => false,
    send: (_channel: string, message: ServerMessage) => incoming.take(message, JSON.stringify(message).length),
  })
  const door = openIpcDoor(ipc as unknown as Parameters<typeof openIpcDoor>[0], room.router, room.log)
  // What Electron hands over is a structured clone of what the page has sent.
  const post = (message: unknown): void => void ipc.emit('control-room', { sender: contents, senderFrame: { origin: 'app://control-room', parent: null, detached: false } }, structuredClone(message))
  return {
    name: 'IPC',
    post,
    ask: (request, input) => incoming.next((id) => post({ id, request, input })),
    open: (open, input) => openAndClose(incoming, post, open, input),
    close: async () => door.close(),
  }
}

/** As an agent that runs, over the room's local socket. What the bridge takes for misbehaviour ends a connection; the next question makes another. */
export function bridgeWire(path: string, token: string): Wire {
  let caller: TestCaller | null = null
  let nextId = 1
  const greeted = async (): Promise<TestCaller> => {
    if (caller) return caller
    const fresh = await callBridge(path)
    fresh.send({ kind: 'hello', token, language: 'invented', pid: 4711, sdk: 'spec 1', handles: { signal: false, secrets: false } })
    return (caller = fresh)
  }
  return {
    name: 'bridge',
    async ask(command, input) {
      const current = await greeted()
      const id = nextId++
      current.send({ kind: 'ask', id, command, input })
      const answer = await Promise.race([current.next(), current.gone.then(() => null)])
      if (answer === null) {
        caller = null
        const reason = String(current.courtesies.find(({ kind }) => kind === 'bye')?.['reason'])
        return { error: { code: 'INVALID_INPUT', message: reason }, size: reason.length }
      }
      if (answer['id'] !== id) throw new Error(`the bridge answered ${JSON.stringify(answer).slice(0, 200)} to question ${id}`)
      const size = JSON.stringify(answer).length
      return answer['kind'] === 'answer' ? { output: answer['output'] as JsonValue, isText: false, size } : { error: answer['error'] as ErrorBody, size }
    },
    async close() {
      caller?.socket.destroy()
      await caller?.gone
    },
  }
}

/** A stream may be silent; what was asked after it is then answered first. */
async function openAndClose(incoming: ReturnType<typeof createReplies>, say: (message: unknown) => void, open: string, input: JsonValue): Promise<Reply> {
  let opened = 0
  const first = incoming.next((id) => say({ id: (opened = id), open, input }))
  const next = incoming.next((id) => say({ id, request: 'room.identity', input: {} }))
  const reply = await Promise.race([first, next])
  say({ id: opened, close: true })
  await next
  return reply
}

function createReplies() {
  const waiting = new Map<number, { resolve(reply: Reply): void; reject(problem: Error): void }>()
  let nextId = 1
  return {
    next(send: (id: number) => void): Promise<Reply> {
      const id = nextId++
      const { promise, resolve, reject } = Promise.withResolvers<Reply>()
      waiting.set(id, { resolve, reject })
      send(id)
      return promise
    },
    take(message: ServerMessage, size: number): void {
      const one = waiting.get(message.id)
      waiting.delete(message.id)
      if (!one) return
      if ('error' in message) one.resolve({ error: message.error as ErrorBody, size })
      else one.resolve({ output: 'output' in message ? message.output : null, isText: false, size })
    },
    /** With what was said at the end, where that is an answer. */
    end(sentence: string | null): void {
      for (const { resolve, reject } of waiting.values()) {
        if (sentence === null) reject(new Error('The wire was cut.'))
        else resolve({ error: { code: 'INVALID_INPUT', message: sentence }, size: sentence.length })
      }
      waiting.clear()
    },
  }
}

function wordOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A path is made of characters. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}
