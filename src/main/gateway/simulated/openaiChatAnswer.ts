import type { JsonValue } from '../../../shared/errors.ts'
import { jsonAnswer, streamAnswer, type Answer, type StreamEvent } from './answer.ts'
import type { Dice } from './dice.ts'
import type { ChatRequest } from './openaiChat.ts'
import { piecesOf, fragmentsOf } from './pieces.ts'
import type { Reply, ToolCall } from './reply.ts'

export interface ChatAnswer {
  readonly request: ChatRequest
  readonly replies: readonly Reply[]
  readonly inputTokens: number
  readonly seconds: number
  readonly dice: Dice
  readonly headers: readonly string[]
}

function finishOf({ end }: Reply, { isOldManner }: ChatRequest): string {
  return end.kind === 'calls' ? (isOldManner ? 'function_call' : 'tool_calls') : end.kind === 'length' ? 'length' : 'stop'
}

export function chatAnswer({ request, replies, inputTokens, seconds, dice, headers }: ChatAnswer): Answer {
  const head = {
    id: dice.id('chatcmpl-', 29),
    created: seconds,
    model: request.model,
    service_tier: 'default',
    system_fingerprint: 'fp_44709d6fcb',
  }
  const usage = usageOf(inputTokens, replies)
  if (!request.isStreamed) {
    const choices = replies.map((reply, index) => {
      const hasCalls = reply.calls.length > 0
      const message = {
        role: 'assistant',
        content: hasCalls && reply.text === '' ? null : reply.text,
        ...(hasCalls && callsOf(reply.calls, request, dice)),
        refusal: null,
        annotations: [],
      }
      return { index, message, logprobs: null, finish_reason: finishOf(reply, request) }
    })
    return jsonAnswer({ ...head, object: 'chat.completion', choices, usage }, 200, headers)
  }

  const chunk = (index: number, delta: JsonValue, finish: string | null = null): StreamEvent => ({
    data: {
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index, delta, logprobs: null, finish_reason: finish }],
      ...(request.includesUsage && { usage: null }),
    },
  })
  const events = interleaved(
    replies.map((reply, index) => deltasOf(reply, request, dice).map(({ delta, finish }) => chunk(index, delta, finish))),
  )
  if (request.includesUsage) events.push({ data: { ...head, object: 'chat.completion.chunk', choices: [], usage } })
  events.push({ data: '[DONE]' })
  return streamAnswer(events, headers)
}

export function usageOf(inputTokens: number, replies: readonly Reply[]): { [key: string]: JsonValue } {
  const output = replies.reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    prompt_tokens: inputTokens,
    completion_tokens: output,
    total_tokens: inputTokens + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  }
}

function callsOf(calls: readonly ToolCall[], { isOldManner }: ChatRequest, dice: Dice): { [key: string]: JsonValue } {
  const [first] = calls
  if (isOldManner && first) return { function_call: { name: first.name, arguments: first.argumentText } }
  return { tool_calls: calls.map((call) => ({ id: dice.id('call_', 24), ...inner(call, call.argumentText) })) }
}

function inner({ name, isFreeText }: ToolCall, text: string): { [key: string]: JsonValue } {
  return isFreeText ? { type: 'custom', custom: { name, input: text } } : { type: 'function', function: { name, arguments: text } }
}

interface Delta {
  readonly delta: JsonValue
  readonly finish: string | null
}

function deltasOf(reply: Reply, request: ChatRequest, dice: Dice): Delta[] {
  const hasCalls = reply.calls.length > 0
  const deltas: JsonValue[] = [{ role: 'assistant', content: hasCalls && reply.text === '' ? null : '', refusal: null }]
  for (const content of piecesOf(reply.text)) deltas.push({ content })
  for (const [index, call] of reply.calls.entries()) {
    if (request.isOldManner) {
      deltas.push({ function_call: { name: call.name, arguments: '' } })
      deltas.push(...fragmentsOf(call.argumentText).map((text) => ({ function_call: { arguments: text } })))
      continue
    }
    deltas.push({ tool_calls: [{ index, id: dice.id('call_', 24), ...inner(call, '') }] })
    for (const text of fragmentsOf(call.argumentText)) {
      deltas.push({ tool_calls: [{ index, ...(call.isFreeText ? { custom: { input: text } } : { function: { arguments: text } }) }] })
    }
  }
  return [...deltas.map((delta) => ({ delta, finish: null })), { delta: {}, finish: finishOf(reply, request) }]
}

/** Answers that are asked for at once come in turns. */
export function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()
}
