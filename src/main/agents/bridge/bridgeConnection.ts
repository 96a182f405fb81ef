import type { Socket } from 'node:net'
import type { AgentId } from '../../../shared/domain/agent.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { AppError } from '../../../shared/errors.ts'
import type { Clock, Timer } from '../../ports.ts'
import { createAgentDoor, type AgentDoor } from './agentDoor.ts'
import {
  LONGEST_HELLO_BYTES,
  LONGEST_MESSAGE_BYTES,
  PROTOCOL,
  readMessage,
  UnfitMessage,
  writeMessage,
  type FromAgent,
  type Handles,
  type Hello,
  type ToAgent,
  type Unknown,
} from './bridgeMessages.ts'
import type { BridgeOptions, BridgeLimits } from './createBridge.ts'
import type { FairTurns, Worker } from './fairTurns.ts'
import { createMessageLines, UnfitLine } from './messageLines.ts'

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
  /** Says why, and hangs up. */
  leave(reason: string): void
}

export interface ConnectionOptions extends Pick<BridgeOptions, 'findRun' | 'secretsOf' | 'request' | 'version' | 'onDefect'> {
  readonly socket: Socket
  readonly clock: Clock
  readonly limits: BridgeLimits
  readonly turns: FairTurns
  /** Null, or why there is no room for one more process of this agent. */
  readonly turnAway: (agentId: AgentId) => string | null
  /** It has said hello. */
  readonly onReady: (agentId: AgentId) => void
  readonly onClosed: (agentId: AgentId | null) => void
  /** It misbehaved; one sentence. */
  readonly onMisbehaved: (agentId: AgentId | null, what: string) => void
}

const NOTHING: Handles = { signal: false, secrets: false }
const OVER = 'The run is over.'
/** How much is dealt with before others have their turn. */
const MESSAGES_A_TURN = 32
const CHARACTERS_A_TURN = 64 * 1024
/** Whoever does not take our last words by then does not get them. */
const LAST_WORDS_MS = 1_000

export function createConnection(options: ConnectionOptions): BridgeConnection {
  const { socket, clock, limits, turns, findRun, onDefect } = options
  const lines = createMessageLines(LONGEST_HELLO_BYTES)
  const waiting = new Set<{ generation: number; done(isApplied: boolean): void }>()
  const timers = new Set<Timer>()
  let agentId: AgentId | null = null
  let door: AgentDoor | null = null
  let token: string | null = null
  let pid: number | null = null
  let handles = NOTHING
  let appliedGeneration = 0
  let isFetching = false
  let isAskedAgain = false
  let isLeaving = false
  let unread: string[] = []
  let next = 0
  let linesHeard = 0
  let isWatched = false
  let unsent = ''
  const nobody = clock.after(limits.helloMs, () => agentId ?? misbehave('Nobody has said hello in time.'))

  const worker: Worker = {
    work() {
      if (isGone()) return false
      if (token !== null && findRun(token)?.agentId !== agentId) {
        leave(OVER)
        return false
      }
      for (let count = 0, characters = 0; count < MESSAGES_A_TURN && characters < CHARACTERS_A_TURN && next < unread.length; count++) {
        if (door !== null && !door.hasRoom) break
        const line = unread[next++] as string
        characters += line.length
        hear(line)
        if (isGone()) return false
      }
      if (next < unread.length) {
        socket.pause()
        // Where answers are waited for, the first of them brings it back.
        return door === null || door.hasRoom
      }
      unread = []
      next = 0
      if (socket.isPaused()) socket.resume()
      return false
    },
  }

  function isGone(): boolean {
    return isLeaving || socket.destroyed
  }

  function leave(reason: string): void {
    if (isGone()) return
    send({ kind: 'bye', reason })
    flush()
    isLeaving = true
    socket.destroySoon()
    after(LAST_WORDS_MS, () => socket.destroy())
  }

  function misbehave(what: string): void {
    if (isGone()) return
    options.onMisbehaved(agentId, what)
    leave(what)
  }

  function after(delayMs: Millis, action: () => void): void {
    const timer = clock.after(delayMs, () => {
      timers.delete(timer)
      action()
    })
    timers.add(timer)
  }

  function closeIfOver(): void {
    if (token !== null && findRun(token)?.agentId !== agentId) leave(OVER)
  }

  /** What is said in one go is written in one go. */
  function send(message: ToAgent): void {
    if (isGone() || !socket.writable) return
    if (unsent === '') process.nextTick(flush)
    unsent += writeMessage(message)
    if (socket.writableLength + unsent.length <= limits.mostUnreadBytes) return
    unsent = ''
    options.onMisbehaved(agentId, `It does not read: more than ${limits.mostUnreadBytes.toLocaleString('en')} bytes wait for it.`)
    // There is nobody to say it to.
    socket.destroy()
  }

  function flush(): void {
    if (unsent !== '' && !isGone()) socket.write(unsent)
    unsent = ''
  }

  function hear(line: string): void {
    linesHeard++
    let message: FromAgent
    try {
      message = readMessage(line)
    } catch (problem) {
      if (problem instanceof UnfitMessage) return misbehave(problem.message)
      throw problem
    }
    if (message.kind === 'hello') return greet(message)
    if (agentId === null || door === null) return misbehave('Somebody spoke before saying hello.')
    if (message.kind === 'ask') door.ask(message, line.length)
    else if (message.kind === 'tell') door.tell(message, line.length)
    else if (message.kind === 'handles') handles = { signal: message.signal, secrets: message.secrets }
    else if (message.kind === 'fetch') void answerFetch(agentId)
    else if (message.kind === 'applied') noteApplied(message.generation)
    else refuseUnknown(message)
  }

  function refuseUnknown({ id, said }: Unknown): void {
    if (id === null) return
    const error = new AppError('NOT_FOUND', `This room does not know messages of the kind "${said}"; it may be older than who sent it.`)
    send({ kind: 'refusal', id, error: error.toBody() })
  }

  function greet(hello: Hello): void {
    if (agentId !== null) return misbehave('Hello was said twice.')
    if (hello.protocol > PROTOCOL) return misbehave(`The bridge speaks protocol ${PROTOCOL}; protocol ${hello.protocol} was asked for.`)
    const run = findRun(hello.token)
    if (run === null) return misbehave('The token belongs to no run; its run may be over.')
    const full = options.turnAway(run.agentId)
    if (full !== null) return misbehave(full)
    nobody.cancel()
    const id = run.agentId
    agentId = id
    token = hello.token
    pid = hello.pid
    handles = hello.handles
    lines.allow(LONGEST_MESSAGE_BYTES)
    door = createAgentDoor({
      agentId: id,
      request: options.request,
      mostUnderWay: limits.mostUnderWay,
      mostCharactersUnderWay: limits.mostCharactersUnderWay,
      send,
      onRoom: () => turns.add(worker),
      onWrong: (command, error) => options.onMisbehaved(id, `A report by "${command}" was wrong: ${error.message} Others are counted.`),
    })
    send({ kind: 'welcome', protocol: PROTOCOL, agentId: id, room: options.version })
    options.onReady(id)
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

  /** One timer at most: half lines are common in a flood. */
  function watchHalf(): void {
    if (isWatched || !lines.isHalf) return
    isWatched = true
    const heard = linesHeard
    after(limits.halfLineMs, () => {
      isWatched = false
      if (lines.isHalf && heard === linesHeard && !socket.isPaused()) misbehave('A message was begun and not ended.')
      else watchHalf()
    })
  }

  socket.on('data', (chunk: Buffer) => {
    if (isGone()) return
    let heard: string[]
    try {
      heard = lines.push(chunk)
    } catch (problem) {
      if (problem instanceof UnfitLine) return misbehave(problem.message)
      throw problem
    }
    watchHalf()
    if (heard.length === 0) return
    if (unread.length === 0) unread = heard
    else unread.push(...heard)
    turns.add(worker)
    if (unread.length > 0) socket.pause()
  })
  // Its end is told by `close`.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    nobody.cancel()
    for (const timer of timers) timer.cancel()
    turns.remove(worker)
    unread = []
    for (const one of [...waiting]) one.done(false)
    if (door !== null && door.wrong > 1) options.onMisbehaved(agentId, `${door.wrong.toLocaleString('en')} of its reports were wrong.`)
    options.onClosed(agentId)
  })

  return {
    get isOpen() {
      return !isGone()
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
        if (isGone() || appliedGeneration >= generation) return resolve(!isGone())
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
    leave,
  }
}
