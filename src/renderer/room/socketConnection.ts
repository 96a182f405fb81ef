import { createWireClient } from '../../shared/client.ts'
import type { ControlRoomClient } from '../../shared/client.ts'
import { LARGEST_UPLOAD_BYTES } from '../../shared/domain/uploadLimit.ts'
import { AppError } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/format.ts'
import type { ServerMessage } from '../../shared/wire.ts'
import type { ConnectionState, RoomConnection } from './connection.ts'
import { toUpload } from './files.ts'
import { createListeners } from './listeners.ts'
import type { Timing } from './timing.ts'

/** The part of a WebSocket that is used here. */
export interface Socket {
  readonly readyState: number
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  send(text: string): void
  close(): void
}

export interface SocketHost {
  openSocket(): Socket
  /** A refused upgrade looks like a lost network, so it is asked apart. */
  isSignedIn(): Promise<'yes' | 'no' | 'unknown'>
  /** Ends the session; the room then hangs up by itself. */
  signOut(): Promise<void>
}

/** WebSocket.OPEN */
const OPEN = 1
const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 10_000
const GONE = 'The connection to the control room is lost. It is being restored; try again in a moment.'

export function connectOverSocket(host: SocketHost, timing: Timing): RoomConnection {
  const states = createListeners<ConnectionState>()
  let state: ConnectionState = { kind: 'connecting' }
  let socket: Socket | null = null
  let failures = 0
  let isClosed = false
  let callOff: () => void = () => {}

  const wire = createWireClient((message) => {
    // A socket that is closing takes nothing more; what is asked in that moment fails when it has closed.
    if (socket?.readyState === OPEN) socket.send(JSON.stringify(message))
  })
  const isOpen = (): boolean => state.kind === 'open'

  function enter(next: ConnectionState): void {
    state = next
    states.tell(next)
  }

  function connect(): void {
    callOff()
    callOff = () => {}
    const current = host.openSocket()
    socket = current
    current.onopen = () => {
      if (socket === current) enter({ kind: 'open' })
    }
    current.onmessage = (event) => {
      if (socket !== current) return
      // Only a room that talks counts as found: one that accepts and hangs up must not be hammered.
      failures = 0
      wire.receive(JSON.parse(String(event.data)) as ServerMessage)
    }
    current.onclose = () => {
      if (socket === current) lost()
    }
  }

  function lost(): void {
    socket = null
    failures += 1
    const delay = backOff(failures, timing.random())
    enter({ kind: 'reconnecting', attempt: failures, retryAt: timing.now() + delay })
    wire.disconnected(GONE)
    callOff = timing.after(delay, connect)
    void askWhetherSignedIn()
  }

  async function askWhetherSignedIn(): Promise<void> {
    const answer = await host.isSignedIn()
    if (answer !== 'no' || isClosed || state.kind !== 'reconnecting') return
    callOff()
    drop()
    enter({ kind: 'signed-out' })
  }

  function drop(): void {
    const current = socket
    socket = null
    current?.close()
  }

  connect()

  return {
    client: onlyWhileOpen(wire, isOpen),
    state: () => state,
    onState: (listener) => states.add(listener),
    takeFiles: (files) => upload(onlyWhileOpen(wire, isOpen), files),
    retry: () => {
      if (isClosed || state.kind === 'open' || state.kind === 'connecting') return
      drop()
      enter({ kind: 'connecting' })
      connect()
    },
    signOut: () => host.signOut(),
    close: () => {
      isClosed = true
      callOff()
      drop()
      wire.disconnected('The page is closing.')
    },
  }
}

/** Doubles up to ten seconds; half of it is chance, so that many pages do not come back at once. */
export function backOff(failures: number, chance: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10))
  return Math.round(full * (0.5 + chance / 2))
}

function onlyWhileOpen(client: ControlRoomClient, isOpen: () => boolean): ControlRoomClient {
  return {
    request: (name, input) => (isOpen() ? client.request(name, input) : Promise.reject(new AppError('UNAVAILABLE', GONE))),
    follow: (name, input, listener) => {
      if (isOpen()) return client.follow(name, input, listener)
      queueMicrotask(() => listener.onEnd?.(new AppError('UNAVAILABLE', GONE)))
      return { acknowledge: () => {}, close: () => {} }
    },
  }
}

async function upload(client: ControlRoomClient, files: readonly File[]): Promise<string> {
  if (files.length === 0) throw new AppError('INVALID_INPUT', 'No file was dropped; drop a script.')
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  if (bytes > LARGEST_UPLOAD_BYTES) {
    throw new AppError(
      'TOO_LARGE',
      `These files are ${formatBytes(bytes)}; at most ${formatBytes(LARGEST_UPLOAD_BYTES)} can be dropped. Start a larger agent with "iron_cage start".`,
    )
  }
  const { script } = await client.request('launch.upload', { files: await Promise.all(files.map(toUpload)) })
  return script
}
