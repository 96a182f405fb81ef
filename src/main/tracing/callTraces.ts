import type { Event } from '../../shared/domain/event.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import type { HeaderList } from '../gateway/headers.ts'
import type { Random } from '../ports.ts'
import { callSpan, type AnswerFacts } from './callSpan.ts'
import type { SpanExporter } from './spanExporter.ts'
import { contextOf, withContext, type TraceContext } from './traceContext.ts'

/** LLM calls as spans. What the gateway tells while a call is under way is remembered until its event says how it went. */
export interface CallTraces {
  /** Gives the headers as they go on. */
  begin(callId: CallId, headers: HeaderList): HeaderList
  /** Of what the answer said only a call asks that is traced. */
  answered(callId: CallId, facts: () => AnswerFacts): void
  hear(events: readonly Event[]): void
}

export interface CallTracesOptions {
  readonly random: Random
  readonly isOn: () => boolean
  readonly exporter: Pick<SpanExporter, 'add'>
}

interface Begun {
  readonly context: TraceContext
  facts: AnswerFacts | null
}

/** A call whose agent left before its request was whole has no event; more than this are never under way. */
const MOST_BEGUN = 4_096

export function createCallTraces({ random, isOn, exporter }: CallTracesOptions): CallTraces {
  const begun = new Map<CallId, Begun>()

  function hearOne(event: Event): void {
    if (event.name !== 'llm.callFinished') return
    const { call } = event.payload
    // One that a room died over has begun in another life.
    const { context, facts } = begun.get(call.id) ?? { context: contextOf([], random), facts: null }
    begun.delete(call.id)
    const span = context.isSampled ? callSpan(call, context, facts) : null
    if (span !== null) exporter.add(span)
  }

  return {
    begin(callId, headers) {
      if (!isOn()) return headers
      const [oldest] = begun.size >= MOST_BEGUN ? begun.keys() : []
      if (oldest !== undefined) begun.delete(oldest)
      const context = contextOf(headers, random)
      begun.set(callId, { context, facts: null })
      return context.isSampled ? withContext(headers, context) : headers
    },
    answered(callId, facts) {
      const known = begun.get(callId)
      if (known?.context.isSampled) known.facts = facts()
    },
    hear(events) {
      if (isOn()) for (const event of events) hearOne(event)
      else begun.clear()
    },
  }
}
