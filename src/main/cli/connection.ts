import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { createWireClient, type ControlRoomClient } from '../../shared/client.ts'
import { AppError } from '../../shared/errors.ts'
import type { ServerMessage } from '../../shared/wire.ts'
import { OWNER_TOKEN_FILE } from '../access/ownerToken.ts'
import type { ControlRoom } from '../controlRoom.ts'
import { createSession } from '../router/session.ts'
import { findInstance } from '../state/ownership.ts'

/** A control room to talk to: the one that runs already, or one in this very process. Commands do not know which. */
export interface Connection {
  readonly client: ControlRoomClient
  /** Set when the room is ours: its agents end with us. */
  readonly isOwn: boolean
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly dataFolder: string
  /** Opens a room in this process; left out where only a running one will do. */
  readonly openOwn?: () => Promise<{ room: ControlRoom; stop(): Promise<void> }>
}

/** An instance that has just begun, or is just leaving, settles within this time. */
const PATIENCE_MS = 10_000
const LOOK_AGAIN_MS = 50
/** An export is one message, however long the room has been open; more than this is no text for Node. */
const LARGEST_ANSWER_BYTES = 500_000_000
const GONE = 'The control room has gone away.'

export async function connect({ dataFolder, openOwn }: ConnectionOptions): Promise<Connection> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const instance = findInstance(dataFolder)
    if (instance?.url) {
      const connection = await reach(instance.url, dataFolder)
      if (connection) return connection
    } else if (!instance) {
      if (!openOwn) throw notRunning()
      const opened = await openOwn().catch((problem: unknown) => {
        // Somebody else was quicker: talk to them.
        if (problem instanceof AppError && problem.code === 'CONFLICT' && findInstance(dataFolder)) return null
        throw problem
      })
      if (opened) return inProcess(opened)
    }
    if (Date.now() > deadline) throw unreachable(instance?.pid ?? null)
    await delay(LOOK_AGAIN_MS)
  }
}

function inProcess({ room, stop }: { room: ControlRoom; stop(): Promise<void> }): Connection {
  const session = createSession(room.router, { role: 'admin', id: 'owner' }, (message) => client.receive(message))
  // Written down and read again, as on any other wire: what JSON leaves out must not arrive as undefined.
  const client = createWireClient((message) => session.receive(JSON.parse(JSON.stringify(message))))
  return {
    client,
    isOwn: true,
    async close() {
      session.close()
      client.disconnected('The control room is closed.')
      await stop()
    },
  }
}

/** Null when nobody answers there any more. */
async function reach(url: string, dataFolder: string): Promise<Connection | null> {
  const token = await readFile(join(dataFolder, OWNER_TOKEN_FILE), 'utf8').catch((problem: NodeJS.ErrnoException) => {
    throw new AppError('UNAUTHENTICATED', `The owner token ${join(dataFolder, OWNER_TOKEN_FILE)} cannot be read (${problem.code}).`)
  })
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, {
    headers: { authorization: `Bearer ${token.trim()}` },
    maxPayload: LARGEST_ANSWER_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: 5_000,
  })
  socket.on('error', () => undefined)
  if (!(await isOpen(socket, dataFolder))) return null
  const client = createWireClient((message) => {
    // Nobody would ever answer it.
    if ('request' in message && socket.readyState !== socket.OPEN) throw new AppError('UNAVAILABLE', GONE)
    socket.send(JSON.stringify(message))
  })
  socket.on('message', (data) => client.receive(JSON.parse(data.toString()) as ServerMessage))
  socket.on('close', () => client.disconnected(GONE))
  return {
    client,
    isOwn: false,
    async close() {
      if (socket.readyState === socket.CLOSED) return
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

function isOpen(socket: WebSocket, dataFolder: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(true))
    socket.once('close', () => resolve(false))
    socket.once('unexpected-response', (_request, response) => {
      if (response.statusCode !== 503) {
        const file = join(dataFolder, OWNER_TOKEN_FILE)
        reject(new AppError('UNAUTHENTICATED', `The control room that runs does not accept the token in ${file} (${response.statusCode}); restart it.`))
      }
      socket.terminate()
    })
  })
}

function notRunning(): AppError {
  return new AppError('UNAVAILABLE', 'No control room is running; start one with "iron_cage serve", or the desktop window.')
}

function unreachable(pid: number | null): AppError {
  const who = pid === null ? 'Another process' : `Process ${pid}`
  return new AppError('UNAVAILABLE', `${who} holds the data folder, but its control room does not answer; wait for it to end, or end it.`)
}
