import type { Socket } from 'node:net'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'
import { LONGEST_MESSAGE_BYTES, readMessage, writeMessage, type FromAgent, type Handles, type ToAgent } from './bridgeMessages.ts'
import type { BridgeOptions, BridgeLimits } from './createBridge.ts'
import { createMessageLines } from './messageLines.ts'

/** One process of an agent; nobody until it has said hello. */
export interface BridgeConnection {
  readonly isOpen: boolean
  readonly pid: number | null
  readonly token: string | null
  readonly handles: Handles
  send(message: ToAgent): void
  /** Resolves with whether it has said by then that it has values of this generation or a later one. */
  applied(generation: number, withinMs: Millis): Promise<boolean>
  closeIfOver(): void
  close(): void
}

export interface ConnectionOptions extends Pick<BridgeOptions, 'findRun' | 'secretsOf' | 'onDefect'> {
  readonly socket: Socket
  readonly clock: Clock
  readonly limits: BridgeLimits
  /** Whether there is room for one more process of this agent. */
  readonly isWelcome: (agentId: AgentId) => boolean
  /** It has said hello. */
  readonly onReady: (agentId: AgentId) => void
  readonly onClosed: (agentId: AgentId | null) => void
}

const NOTHING: Handles = { signal: false, secrets: false }

export function createConnection(options: ConnectionOptions): BridgeConnection {
  const { socket, clock, limits, findRun, onDefect } = options
  const lines = createMessageLines(LONGEST_MESSAGE_BYTES)
  const waiting = new Set<{ generation: number; done(isApplied: boolean): void }>()
  let agentId: AgentId | null = null
  let token: string | null = null
  let pid: number | null = null
  let handles = NOTHING
  let appliedGeneration = 0
  let isFetching = false
  let isAskedAgain = false
  let secondBegan = clock.now()
  let messagesInSecond = 0
  let unread: string[] = []
  let isWaiting = false
  const nobody = clock.after(limits.helloMs, () => agentId ?? close())

  function close(): void {
    socket.destroy()
  }

  function closeIfOver(): void {
    if (token !== null && findRun(token)?.agentId !== agentId) close()
  }

  function send(message: ToAgent): void {
    if (socket.destroyed || !socket.writable) return
    if (socket.writableLength > limits.mostUnreadBytes) return close()
    socket.write(writeMessage(message))
  }

  /** What comes faster than it may waits, and its sender with it. */
  function work(): void {
    while (unread.length > 0 && !socket.destroyed) {
      const now = clock.now()
      if (now - secondBegan >= 1_000) {
        secondBegan = now
        messagesInSecond = 0
      }
      if (messagesInSecond >= limits.mostMessagesPerSecond) {
        if (isWaiting) return
        isWaiting = true
        socket.pause()
        clock.after(Math.max(1, secondBegan + 1_000 - now), () => {
          isWaiting = false
          work()
          if (!isWaiting) socket.resume()
        })
        return
      }
      messagesInSecond++
      hear(unread.shift() as string)
    }
  }

  function hear(line: string): void {
    let message: FromAgent | null
    try {
      message = readMessage(line)
    } catch {
      // Whoever does not speak as agreed is not listened to.
      return close()
    }
    if (message?.kind === 'hello') return greet(message)
    if (agentId === null || token === null) return close()
    if (findRun(token)?.agentId !== agentId) return close()
    if (message === null) return
    if (message.kind === 'handles') handles = { signal: message.signal, secrets: message.secrets }
    else if (message.kind === 'fetch') void answerFetch(agentId)
    else noteApplied(message.generation)
  }

  function greet(hello: Extract<FromAgent, { kind: 'hello' }>): void {
    const run = findRun(hello.token)
    if (agentId !== null || run === null || !options.isWelcome(run.agentId)) return close()
    nobody.cancel()
    agentId = run.agentId
    token = hello.token
    pid = hello.pid
    handles = hello.handles
    options.onReady(agentId)
  }

  /** However often it asks meanwhile, it is answered once more. */
  async function answerFetch(id: AgentId): Promise<void> {
    isAskedAgain = isFetching
    if (isFetching) return
    isFetching = true
    try {
      do {
        isAskedAgain = false
        send({ kind: 'values', ...(await options.secretsOf(id)) })
      } while (isAskedAgain)
    } catch (problem) {
      onDefect(problem, 'giving an agent its secrets')
    } finally {
      isFetching = false
    }
  }

  function noteApplied(generation: number): void {
    appliedGeneration = Math.max(appliedGeneration, generation)
    for (const one of [...waiting]) if (one.generation <= appliedGeneration) one.done(true)
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      unread.push(...lines.push(chunk))
    } catch {
      return close()
    }
    work()
  })
  // Its end is told by `close`.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    nobody.cancel()
    unread = []
    for (const one of [...waiting]) one.done(false)
    options.onClosed(agentId)
  })

  return {
    get isOpen() {
      return !socket.destroyed
    },
    get pid() {
      return pid
    },
    get token() {
      return token
    },
    get handles() {
      return handles
    },
    send,
    applied: (generation, withinMs) =>
      new Promise((resolve) => {
        if (socket.destroyed || appliedGeneration >= generation) return resolve(!socket.destroyed)
        const timer = clock.after(withinMs, () => one.done(false))
        const one = {
          generation,
          done(isApplied: boolean) {
            timer.cancel()
            waiting.delete(one)
            resolve(isApplied)
          },
        }
        waiting.add(one)
      }),
    closeIfOver,
    close,
  }
}
