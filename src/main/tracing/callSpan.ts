import type { Call, Endpoint } from '../../shared/domain/llm.ts'
import { NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import { inputTokens, outputTokens } from '../../shared/domain/tokenSums.ts'
import { attributes, SPAN_KIND_CLIENT, STATUS, type OtlpSpan } from './otlp.ts'
import type { TraceContext } from './traceContext.ts'

/** What an answer says of itself, beyond what a call's record keeps. */
export interface AnswerFacts {
  readonly model: string | null
  readonly finishReasons: readonly string[]
}

/** The GenAI conventions' words for what is asked of a model; other addresses are no work of one, and no span. */
const OPERATIONS: Readonly<Partial<Record<Endpoint, string>>> = {
  'chat/completions': 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
}

/** As providers write them: words, and nothing that somebody could say something with. */
const MODEL = /^[\w.:@/+-]{1,100}$/
const REASON = /^[a-z_]{1,40}$/

/** A settled call as a span, after the GenAI conventions; nothing of what was said. Null for what is none. */
export function callSpan(call: Call, context: TraceContext, facts: AnswerFacts | null): OtlpSpan | null {
  const operation = OPERATIONS[call.endpoint]
  if (operation === undefined) return null
  const { traceId, spanId, parentSpanId } = context
  const { usage, startedAt, durationMs } = call
  const model = call.model === '' ? null : call.model
  const error = errorOf(call)
  const reasons = facts?.finishReasons.filter((reason) => REASON.test(reason)) ?? []
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name: model === null ? operation : `${operation} ${model}`,
    kind: SPAN_KIND_CLIENT,
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(startedAt + Math.max(0, durationMs)),
    attributes: attributes({
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': call.provider,
      'gen_ai.request.model': model,
      'gen_ai.response.model': facts?.model && MODEL.test(facts.model) ? facts.model : null,
      'gen_ai.response.finish_reasons': reasons.length === 0 ? null : reasons,
      'gen_ai.usage.input_tokens': isEmpty(usage) ? null : inputTokens(usage),
      'gen_ai.usage.output_tokens': isEmpty(usage) ? null : outputTokens(usage),
      'gen_ai.usage.cache_read.input_tokens': usage.cacheRead ?? null,
      'gen_ai.usage.cache_creation.input_tokens': sumOrNull(usage.cacheWrite5m, usage.cacheWrite1h),
      'gen_ai.usage.reasoning.output_tokens': usage.reasoning ?? null,
      'gen_ai.agent.id': call.agentId,
      'http.response.status_code': call.status,
      'error.type': error,
      'iron_cage.call.id': call.id,
      'iron_cage.mode': call.mode,
      'iron_cage.outcome': call.outcome,
      'iron_cage.refusal': call.refusal,
      'iron_cage.streamed': call.isStreamed,
      'iron_cage.attempts': call.attempts.length,
      'iron_cage.first_byte_ms': call.firstByteMs,
      'iron_cage.cost.nanodollars': call.cost,
      'iron_cage.cost.usd': { double: call.cost / NANODOLLARS_PER_DOLLAR },
    }),
    status: { code: error === null ? STATUS.unset : STATUS.error },
  }
}

/** What the provider did wrong is its status, or that there was none; what we refused says that it was us. An agent that hung up is no error. */
function errorOf({ outcome, refusal, attempts }: Call): string | null {
  switch (outcome) {
    case 'answered':
    case 'cancelled':
      return null
    case 'refused':
      return `iron_cage.refused.${refusal ?? 'invalid'}`
    case 'lost':
      return 'iron_cage.lost'
    default: {
      const status = attempts.at(-1)?.status ?? null
      // One that began well and broke off.
      return status === null || status < 300 ? 'iron_cage.upstream' : String(status)
    }
  }
}

const nanoseconds = (moment: number): string => `${Math.round(moment)}000000`
const isEmpty = (usage: object): boolean => Object.keys(usage).length === 0

function sumOrNull(one: number | undefined, other: number | undefined): number | null {
  return one === undefined && other === undefined ? null : (one ?? 0) + (other ?? 0)
}
