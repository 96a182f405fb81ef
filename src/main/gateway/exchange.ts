import type { Millis } from '../../shared/domain/units.ts'
import type { AgentSide } from './agentSide.ts'
import { createAnswerReader, type AnswerReader } from './answerReader.ts'
import type { Meter } from './dialects/dialect.ts'
import { answerHeaders, type HeaderList } from './headers.ts'
import type { Upstream, UpstreamFlow, UpstreamProblem, UpstreamRequest } from './upstream.ts'

/** An answer that was kept from the agent, for there will be another try. */
export interface HeldAnswer {
  readonly status: number
  readonly headers: HeaderList
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
}

export interface ExchangeOptions {
  readonly upstream: Upstream
  readonly request: UpstreamRequest
  readonly agent: AgentSide
  readonly meter: Meter | null
  readonly hidesUsage: boolean
  /** Decides on the answer's head, or on its absence, whether there will be another try. */
  readonly retryDelay: (status: number | null, headers: HeaderList) => Millis | null
  /** The agent got its first byte. */
  readonly onFirstByte: () => void
  /** The answer is a stream. */
  readonly onStream: () => void
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** Nobody's error is longer; what is gets cut off with its connection. */
const LONGEST_HELD = 1024 * 1024
const NO_HEADERS: HeaderList = []

/** One attempt: the request to the upstream, its answer to the agent as it comes. Resolves on every way out, and never rejects. */
export function exchange(options: ExchangeOptions): Promise<Exchanged> {
  const { upstream, request, agent, meter, onDefect } = options
  return new Promise((resolve) => {
    let status: number | null = null
    let headers = NO_HEADERS
    let reader: AnswerReader | null = null
    let retryInMs: Millis | null = null
    let held: Buffer[] | null = null
    let heldBytes = 0
    let hasFirstByte = false
    let isOver = false

    function over(problem: UpstreamProblem | null, isHungUp: boolean): void {
      if (isOver) return
      isOver = true
      agent.onGone = null
      agent.onDrain = null
      const isWhole = problem === null && !isHungUp
      const answer = held && isWhole && status !== null ? { status, headers, body: Buffer.concat(held) } : null
      const wasSent = problem ? problem.wasSent || status !== null : !isHungUp || status !== null || (flow.wasSent?.() ?? true)
      const result: Exchanged = { status, headers, problem, isHungUp, wasSent, reader, held: answer, retryInMs }
      let reading: void | Promise<void> = undefined
      try {
        reading = reader?.finish(isWhole)
      } catch (defect) {
        onDefect(defect, 'reading an answer')
      }
      if (!reading) resolve(result)
      else reading.then(() => resolve(result), (defect: unknown) => resolve((onDefect(defect, 'reading an answer'), result)))
    }

    function fail(problem: UpstreamProblem): void {
      if (status === null) retryInMs = options.retryDelay(null, NO_HEADERS)
      // Cut in the middle: the agent shall not take what it has for all.
      else if (!held) agent.cut()
      over(problem, false)
    }

    /** What goes wrong in here ends the call, not the room. */
    function guarded<A extends readonly unknown[]>(action: (...given: A) => void): (...given: A) => void {
      return (...given) => {
        if (isOver) return
        try {
          action(...given)
        } catch (defect) {
          onDefect(defect, 'forwarding an answer')
          flow.abort()
          fail({ kind: 'cut', wasSent: true, message: 'The answer could not be forwarded.' })
        }
      }
    }

    function forward(chunk: Buffer): void {
      if (chunk.length === 0) return
      if (!hasFirstByte) {
        hasFirstByte = true
        options.onFirstByte()
      }
      if (!agent.write(chunk)) flow.pause()
    }

    const flow: UpstreamFlow = upstream.send(request, {
      head: guarded((code: number, list: HeaderList) => {
        status = code
        headers = list
        if (meter) reader = createAnswerReader({ headers: list, meter, hidesUsage: options.hidesUsage && code < 300, onDefect })
        retryInMs = options.retryDelay(code, list)
        if (retryInMs !== null) held = []
        else {
          agent.head(code, answerHeaders(list, reader?.isFiltered ?? false), reader?.isStream ?? false)
          if (reader?.isStream) options.onStream()
        }
      }),
      data: guarded((chunk: Buffer) => {
        if (held) {
          held.push(chunk)
          heldBytes += chunk.length
          reader?.pass(chunk)
          if (heldBytes <= LONGEST_HELD) return
          flow.abort()
          over({ kind: 'cut', wasSent: true, message: 'The answer was too long for an error.' }, false)
        } else if (reader?.isFiltered) forward(reader.pass(chunk))
        else {
          forward(chunk)
          reader?.pass(chunk)
        }
      }),
      end: guarded(() => {
        if (!held) {
          if (reader?.isFiltered) forward(reader.rest())
          agent.end()
        }
        over(null, false)
      }),
      problem: guarded(fail),
    })
    agent.onDrain = () => flow.resume()
    agent.onGone = () => {
      flow.abort()
      over(null, true)
    }
    if (agent.isGone) agent.onGone()
  })
}
