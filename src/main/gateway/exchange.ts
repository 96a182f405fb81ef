import type { Millis } from '../../shared/domain/units.ts'
import type { Clock } from '../ports.ts'
import type { AgentSide } from './agentSide.ts'
import { createAnswerReader, type AnswerReader } from './answerReader.ts'
import type { Meter } from './dialects/dialect.ts'
import type { AnswerGuard } from './guard/answerGuard.ts'
import type { Stop } from './guard/answerLook.ts'
import type { StreamGuard } from './guard/streamGuard.ts'
import type { Checked } from './guard/wholeGuard.ts'
import { answerHeaders, type HeaderList } from './headers.ts'
import type { SseEvent } from './sseSplitter.ts'
import type { Upstream, UpstreamFlow, UpstreamProblem, UpstreamRequest } from './upstream.ts'

/** An answer that was kept from the agent, for there will be another try. */
export interface HeldAnswer {
  readonly status: number
  readonly headers: HeaderList
  /** Not compressed, whatever its headers say. */
  readonly body: Buffer
}

/** What came of one attempt. */
export interface Exchanged {
  readonly status: number | null
  readonly headers: HeaderList
  readonly problem: UpstreamProblem | null
  readonly isHungUp: boolean
  /** Whether the upstream may have worked on it. */
  readonly wasSent: boolean
  readonly reader: AnswerReader | null
  /** Null where the agent has got it, or none came whole. */
  readonly held: HeldAnswer | null
  /** Before the next try; null where there is none. */
  readonly retryInMs: Millis | null
  /** Why the answer did not go on to its end, although there was no problem; an agent whose answer has begun knows of it. */
  readonly stop: Stop | null
}

export interface ExchangeOptions {
  readonly upstream: Upstream
  readonly request: UpstreamRequest
  readonly agent: AgentSide
  /** Looks through everything before the agent gets it. */
  readonly guard: AnswerGuard
  readonly meter: Meter | null
  readonly hidesUsage: boolean
  /** Decides on the answer's head, or on its absence, whether there will be another try. */
  readonly retryDelay: (status: number | null, headers: HeaderList) => Millis | null
  /** The agent got its first byte. */
  readonly onFirstByte: () => void
  /** The answer is a stream. */
  readonly onStream: () => void
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** Nobody's error is longer; what is gets cut off with its connection. */
const LONGEST_HELD = 1024 * 1024
const NO_HEADERS: HeaderList = []

/** One attempt: the request to the upstream, its answer to the agent as it comes. Resolves on every way out, and never rejects. */
export function exchange(options: ExchangeOptions): Promise<Exchanged> {
  const { upstream, request, agent, guard, meter, onDefect } = options
  return new Promise((resolve) => {
    let status: number | null = null
    let headers = NO_HEADERS
    let reader: AnswerReader | null = null
    let stream: StreamGuard | null = null
    let passing: Buffer[] = []
    let retryInMs: Millis | null = null
    let held: Buffer[] | null = null
    let heldBytes = 0
    let hasFirstByte = false
    let hasEnded = false
    let isOver = false

    function over(problem: UpstreamProblem | null, isHungUp: boolean, stop: Stop | null = null): void {
      if (isOver) return
      isOver = true
      agent.onGone = null
      agent.onDrain = null
      stream?.drop()
      const isWhole = problem === null && !isHungUp && (stop === null || hasEnded)
      const wasSent = problem ? problem.wasSent || status !== null : !isHungUp || status !== null || (flow.wasSent?.() ?? true)
      const finish = (): void =>
        resolve({ status, headers, problem, isHungUp, wasSent, reader, held: isWhole ? heldAnswer() : null, retryInMs, stop })
      let reading: void | Promise<void> = undefined
      try {
        reading = reader?.finish(isWhole)
      } catch (defect) {
        onDefect(defect, 'reading an answer')
      }
      if (!reading) finish()
      else reading.then(finish, (defect: unknown) => (onDefect(defect, 'reading an answer'), finish()))
    }

    function heldAnswer(): HeldAnswer | null {
      if (!held || status === null || !reader || reader.isUnreadable || (reader.isStream && reader.isCoded)) return null
      return { status, headers, body: reader.isStream ? Buffer.concat(held) : reader.body() }
    }

    function fail(problem: UpstreamProblem): void {
      if (status === null) retryInMs = options.retryDelay(null, NO_HEADERS)
      // Cut in the middle: the agent shall not take what it has for all.
      else if (!held) agent.cut()
      over(problem, false)
    }

    /** Nothing more of the answer goes on: the agent is told why, in its stream if that has begun. */
    function stopWith(stop: Stop): void {
      if (isOver) return
      flow.abort()
      if (stream) {
        forward(guard.lastEvent(stop))
        agent.end()
      } else if (agent.status !== null) agent.cut()
      over(null, false, stop)
    }

    /** What goes wrong in here ends the call, not the room. What could not be looked through does not go on. */
    function guarded<A extends readonly unknown[]>(action: (...given: A) => void): (...given: A) => void {
      return (...given) => {
        if (isOver) return
        try {
          action(...given)
        } catch (defect) {
          flow.abort()
          if (held) {
            onDefect(defect, 'forwarding an answer')
            fail({ kind: 'cut', wasSent: true, message: 'The answer could not be forwarded.' })
          } else stopWith({ kind: 'unchecked', message: COULD_NOT_LOOK, cause: defect })
        }
      }
    }

    function forward(chunk: Buffer): void {
      if (chunk.length === 0) return
      if (!hasFirstByte) {
        hasFirstByte = true
        options.onFirstByte()
      }
      if (agent.write(chunk)) return
      flow.pause()
      reader?.pause()
    }

    const passOn = guarded(() => {
      if (held) return
      if (reader?.isUnreadable) return stopWith({ kind: 'unchecked', message: TOO_LONG })
      const bytes = passing.length === 1 ? passing[0]! : Buffer.concat(passing)
      passing = []
      forward(bytes)
      if (guard.stop) stopWith(guard.stop)
    })

    const onEvent = guarded((event: SseEvent) => stream?.event(event))

    const deliver = guarded(({ bytes, stop }: Checked) => {
      if (stop) return stopWith(stop)
      const kept = guard.headers(headers, bytes, bytes !== reader!.body())
      if (guard.stop) return stopWith(guard.stop)
      agent.head(status!, kept, false)
      forward(bytes)
      agent.end()
      over(null, false)
    })

    const complete = guarded((isDecoded: boolean) => {
      if (!isDecoded) return stopWith({ kind: 'unchecked', message: 'The answer was compressed, and broken: it was not passed on.' })
      if (stream) {
        stream.end()
        passOn()
        if (isOver) return
        agent.end()
        return over(null, false)
      }
      const checked = guard.whole(headers, reader!.body())
      if (checked instanceof Promise) checked.then(deliver, guarded(rethrow))
      else deliver(checked)
    })

    const flow: UpstreamFlow = upstream.send(request, {
      head: guarded((code: number, list: HeaderList) => {
        status = code
        headers = list
        retryInMs = options.retryDelay(code, list)
        if (retryInMs !== null) held = []
        reader = createAnswerReader({ headers: list, meter, hidesUsage: options.hidesUsage && code < 300, onEvent, onTaken: passOn, onDefect })
        if (held) return
        if (reader.isUnreadable) return stopWith({ kind: 'unchecked', message: 'The answer was compressed as nobody asked, in an unknown way.' })
        if (!reader.isStream) return
        const after: Clock['after'] = (delayMs, action) => options.clock.after(delayMs, guarded(action))
        const kept = answerHeaders(guard.cleanHeaders(list), true)
        if (guard.stop) return stopWith(guard.stop)
        agent.head(code, kept, true)
        stream = guard.stream({ after, send: (bytes) => void passing.push(bytes), onPause: passOn })
        options.onStream()
      }),
      data: guarded((chunk: Buffer) => {
        reader?.take(chunk)
        if (!held) return
        held.push(chunk)
        heldBytes += chunk.length
        if (heldBytes <= LONGEST_HELD) return
        flow.abort()
        over({ kind: 'cut', wasSent: true, message: 'The answer was too long for an error.' }, false)
      }),
      end: guarded(() => {
        hasEnded = true
        if (held || !reader) return over(null, false)
        const drained = reader.drain()
        if (drained instanceof Promise) drained.then(complete, guarded(rethrow))
        else complete(drained)
      }),
      problem: guarded(fail),
    })
    agent.onDrain = () => {
      flow.resume()
      reader?.resume()
    }
    agent.onGone = () => {
      flow.abort()
      over(null, true)
    }
    if (agent.isGone) agent.onGone()
  })
}

const TOO_LONG = 'The answer was longer than can be looked through: it was not passed on.'
const COULD_NOT_LOOK = 'The answer could not be looked through, and was not passed on.'

function rethrow(defect: unknown): void {
  throw defect
}
