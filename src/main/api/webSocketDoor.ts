import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import { LARGEST_MESSAGE_BYTES, type ServerMessage } from '../../shared/wire.ts'
import type { Access } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import type { Router } from '../router/router.ts'
import { createSession, type Session } from '../router/session.ts'
import type { Gate } from './gate.ts'
import { readJson } from './readJson.ts'
import { pathOf, refuseOnSocket } from './replies.ts'
import { createItemWriter } from './webSocketFrames.ts'

export interface ViewerLimits {
  readonly mostConnections: number
  /** A viewer further behind than this is dropped, beyond what it has asked for; the longest replay of missed events has to fit in. */
  readonly mostBufferedBytes: number
  /** So is one that has taken nothing for so long while something waits for it. */
  readonly stalledMs: number
  /** How often a viewer has to show that it lives. */
  readonly pingMs: number
  /** How often it is asked anew whether who opened a socket may still come in; sessions end by the clock too. */
  readonly lookAgainMs: number
}

export const VIEWER_LIMITS: ViewerLimits = {
  mostConnections: 2000,
  mostBufferedBytes: 32_000_000,
  stalledMs: 10_000,
  pingMs: 15_000,
  lookAgainMs: 60_000,
}

const CLOSE = { leaving: 1001, notText: 1003, notJson: 1007, ended: 1008, defect: 1011, tooSlow: 1013 }
const TICK_MS = 1000
/** How long the other side has to answer our goodbye. */
const GOODBYE_MS = 1000

export interface WebSocketDoorOptions {
  readonly router: Router
  readonly gate: Gate
  readonly clock: Clock
  readonly limits: ViewerLimits
  /** Told of a refusal or a defect; gives the error to answer with. */
  readonly toAppError: (problem: unknown, where: string) => AppError
  readonly onDropped: (caller: Caller, sentence: string) => void
  /** Told when somebody may no longer be let in. */
  readonly onEnded: Access['onEnded']
}

export interface WebSocketDoor {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** How many there are. */
  viewers(): number
  close(): Promise<void>
}

interface Viewer {
  /** What it came in with. */
  readonly request: IncomingMessage
  readonly webSocket: WebSocket
  readonly socket: Socket
  readonly caller: Caller
  readonly session: Session
  /** What its socket had taken when we last looked, and since when it is that much. */
  taken: number
  takenAt: number
  /** How long the longest answer is that it may still be taking: whoever asked for a whole log is not slow for that. */
  answerBytes: number
  hasAnswered: boolean
}

export function createWebSocketDoor(options: WebSocketDoorOptions): WebSocketDoor {
  const { router, gate, clock, limits } = options
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LARGEST_MESSAGE_BYTES,
    // Compressing costs ten times what sending costs, and nothing is gained on a loopback.
    perMessageDeflate: false,
  })
  const writeItem = createItemWriter()
  const viewers = new Set<Viewer>()
  let waiting = 0
  let isClosing = false
  let pingAt = clock.now() + limits.pingMs
  let lookAgainAt = clock.now() + limits.lookAgainMs
  /** How often somebody's right to be here has ended. */
  let endings = 0

  async function admit(request: IncomingMessage): Promise<{ caller: Caller; endingsBefore: number }> {
    const endingsBefore = endings
    gate.examine(request)
    if (pathOf(request) !== '/ws') throw new AppError('NOT_FOUND', 'The WebSocket is at /ws.')
    const caller = await gate.authenticate(request)
    if (isClosing) throw new AppError('UNAVAILABLE', 'The control room is closing.')
    if (viewers.size + waiting > limits.mostConnections) {
      throw new AppError('UNAVAILABLE', `There are ${limits.mostConnections} viewers already; this room takes no more.`)
    }
    return { caller, endingsBefore }
  }

  function welcome(webSocket: WebSocket, request: IncomingMessage, { caller, endingsBefore }: Awaited<ReturnType<typeof admit>>): void {
    const send = (message: ServerMessage): void => {
      if (webSocket.readyState !== webSocket.OPEN) return
      if (webSocket.bufferedAmount <= limits.mostBufferedBytes) viewer.answerBytes = 0
      if (webSocket.bufferedAmount - viewer.answerBytes > limits.mostBufferedBytes) {
        drop(viewer, 'reads too slowly')
        return
      }
      if ('item' in message) {
        webSocket.send(writeItem(message.id, message.item), { binary: false })
        return
      }
      const answer = Buffer.from(JSON.stringify(message))
      viewer.answerBytes = Math.max(viewer.answerBytes, answer.byteLength)
      webSocket.send(answer, { binary: false })
    }
    const viewer: Viewer = {
      request,
      webSocket,
      socket: request.socket,
      caller,
      session: createSession(router, caller, send),
      taken: 0,
      takenAt: clock.now(),
      answerBytes: 0,
      hasAnswered: true,
    }
    viewers.add(viewer)

    webSocket.on('message', (data, isBinary) => receive(viewer, data, isBinary))
    webSocket.on('pong', () => (viewer.hasAnswered = true))
    // A frame that breaks the protocol or is too large: ws closes with the fitting code by itself.
    webSocket.on('error', () => {})
    webSocket.on('close', () => {
      viewer.session.close()
      viewers.delete(viewer)
    })
    // It was let in by what may have ended before it was one of ours.
    if (endings !== endingsBefore) void lookAgain(viewer)
  }

  /** Where it cannot be told whether somebody may stay, they may not. */
  async function lookAgain(viewer: Viewer): Promise<void> {
    const isStillIn = await gate.isStillIn(viewer.request, viewer.caller).catch((problem: unknown) => {
      options.toAppError(problem, '/ws')
      return false
    })
    if (!isStillIn && viewers.has(viewer)) end(viewer, CLOSE.ended, 'This sign-in has ended.')
  }

  async function lookAtAllAgain(): Promise<void> {
    await Promise.all([...viewers].map(lookAgain))
  }
  const stopListening = options.onEnded(() => {
    endings++
    return lookAtAllAgain()
  })

  function receive(viewer: Viewer, data: RawData, isBinary: boolean): void {
    if (isBinary) {
      end(viewer, CLOSE.notText, 'This room speaks JSON in text messages.')
      return
    }
    try {
      viewer.session.receive(readJson(data.toString()))
    } catch (problem) {
      const code = problem instanceof AppError ? CLOSE.notJson : CLOSE.defect
      end(viewer, code, options.toAppError(problem, '/ws').message)
    }
  }

  /** Its session ends now; the socket has a moment to say goodbye. */
  function end(viewer: Viewer, code: number, reason: string): void {
    viewer.session.close()
    viewer.webSocket.close(code, reason)
    const impatience = clock.after(GOODBYE_MS, () => viewer.webSocket.terminate())
    viewer.webSocket.once('close', () => impatience.cancel())
  }

  function drop(viewer: Viewer, what: string): void {
    end(viewer, CLOSE.tooSlow, `This viewer ${what}.`)
    options.onDropped(viewer.caller, `A viewer was dropped: it ${what}.`)
  }

  function isStalled(viewer: Viewer, now: number): boolean {
    const taken = viewer.socket.bytesWritten - viewer.socket.writableLength
    if (taken !== viewer.taken || viewer.socket.writableLength === 0) {
      viewer.taken = taken
      viewer.takenAt = now
    }
    return now - viewer.takenAt >= limits.stalledMs
  }

  function lookAround(): void {
    const now = clock.now()
    const isPingDue = now >= pingAt
    if (isPingDue) pingAt = now + limits.pingMs
    if (now >= lookAgainAt) {
      lookAgainAt = now + limits.lookAgainMs
      void lookAtAllAgain()
    }
    for (const viewer of viewers) {
      if (viewer.webSocket.readyState !== viewer.webSocket.OPEN) continue
      if (isStalled(viewer, now)) drop(viewer, 'has stopped reading')
      else if (isPingDue && !viewer.hasAnswered) viewer.webSocket.terminate()
      else if (isPingDue) {
        viewer.hasAnswered = false
        viewer.webSocket.ping()
      }
    }
    tick = clock.after(TICK_MS, lookAround)
  }
  let tick = clock.after(TICK_MS, lookAround)

  return {
    upgrade(request, socket, head) {
      const onEarlyError = (): void => void socket.destroy()
      socket.on('error', onEarlyError)
      waiting++
      admit(request)
        .then((admitted) => {
          socket.off('error', onEarlyError)
          server.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, request, admitted))
        })
        .catch((problem: unknown) => refuseOnSocket(socket, options.toAppError(problem, '/ws')))
        .finally(() => waiting--)
    },

    viewers: () => viewers.size,

    async close() {
      isClosing = true
      stopListening()
      tick.cancel()
      await Promise.all(
        [...viewers].map(
          (viewer) =>
            new Promise<void>((resolve) => {
              viewer.webSocket.once('close', () => resolve())
              end(viewer, CLOSE.leaving, 'The control room is closing.')
            }),
        ),
      )
    },
  }
}
