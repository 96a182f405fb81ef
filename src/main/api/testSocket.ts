import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { ClientMessage, ServerMessage } from '../../shared/wire.ts'
import { ask, type Answer } from './testHttp.ts'

export interface TestSocket {
  readonly webSocket: WebSocket
  readonly received: ServerMessage[]
  send(message: ClientMessage): void
  /** The next message, or the next that fits. */
  next(fits?: (message: ServerMessage) => boolean): Promise<ServerMessage>
  /** How the other side said goodbye. */
  readonly closed: Promise<{ code: number; reason: string }>
}

type Headers = Readonly<Record<string, string>>

/** Opens a WebSocket as a client would that forges whatever it likes. */
export async function openSocket(port: number, headers: Headers, path = '/ws', options: { autoPong?: boolean } = {}): Promise<TestSocket> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: false, ...options })
  const received: ServerMessage[] = []
  let read = 0
  const listeners = new Set<() => void>()
  webSocket.on('message', (data) => {
    received.push(JSON.parse(data.toString()) as ServerMessage)
    for (const listener of listeners) listener()
  })
  const closed = once(webSocket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }))
  await once(webSocket, 'open')
  return {
    webSocket,
    received,
    send: (message) => webSocket.send(JSON.stringify(message)),
    next: (fits = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          while (read < received.length) {
            const message = received[read++]!
            if (!fits(message)) continue
            listeners.delete(look)
            resolve(message)
            return
          }
        }
        listeners.add(look)
        look()
      }),
    closed,
  }
}

const UPGRADE: Headers = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'aW52ZW50ZWQgMTYgYnl0ZQ==',
}

/** The answer to an upgrade that is refused. */
export function refusedSocket(port: number, headers: Headers, path = '/ws'): Promise<Answer> {
  return ask(port, path, { headers: { ...UPGRADE, ...headers } })
}

/** A socket past its upgrade on which bytes can be written that no client library would write. */
export async function openBareSocket(port: number, headers: Headers): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...UPGRADE, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /ws HTTP/1.1\r\n${lines.join('')}\r\n`)
  const [first] = (await once(socket, 'data')) as [Buffer]
  if (!first.toString().startsWith('HTTP/1.1 101 ')) throw new Error(`not upgraded: ${first.toString()}`)
  return socket
}
