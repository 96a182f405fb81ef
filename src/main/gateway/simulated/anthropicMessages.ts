import type { JsonValue } from '../../../shared/errors.ts'
import { jsonAnswer, streamAnswer, type Answer, type StreamEvent } from './answer.ts'
import type { Answering } from './answering.ts'
import { readMessages } from './anthropicRequest.ts'
import type { Dice } from './dice.ts'
import { fragmentsOf, piecesOf } from './pieces.ts'
import type { Reply } from './reply.ts'

const STOP_REASON = { finished: 'end_turn', stop: 'stop_sequence', calls: 'tool_use', length: 'max_tokens' } as const

export async function answerMessages(json: unknown, answering: Answering): Promise<Answer> {
  const request = readMessages(json, true)
  if ('message' in request) return answering.reject({ type: 'invalid_request_error', ...request })
  const [inputTokens, reply] = await Promise.all([answering.inputTokens(request), answering.reply(request)])
  const head = { id: answering.dice.id('msg_01', 22), type: 'message', role: 'assistant', model: request.model }
  const blocks = blocksOf(reply, answering.dice)
  const stop = { stop_reason: STOP_REASON[reply.end.kind], stop_sequence: reply.end.kind === 'stop' ? reply.end.sequence : null }
  const usage = usageOf(inputTokens, reply.tokens)
  if (!request.isStreamed) return jsonAnswer({ ...head, content: blocks.map(({ whole }) => whole), ...stop, usage }, 200, answering.headers)

  // The first count of output is what has been made by then, as a rule one token.
  const started = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(inputTokens, Math.min(1, reply.tokens)) }
  const events: StreamEvent[] = [named('message_start', { message: started })]
  for (const [index, { start, deltas }] of blocks.entries()) {
    events.push(named('content_block_start', { index, content_block: start }))
    if (index === 0) events.push(named('ping', {}))
    events.push(...deltas.map((delta) => named('content_block_delta', { index, delta })), named('content_block_stop', { index }))
  }
  const total = { input_tokens: inputTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: reply.tokens }
  events.push(named('message_delta', { delta: stop, usage: total }), named('message_stop', {}))
  return streamAnswer(events, answering.headers)
}

export async function answerTokenCount(json: unknown, answering: Answering): Promise<Answer> {
  const request = readMessages(json, false)
  if ('message' in request) return answering.reject(request)
  return jsonAnswer({ input_tokens: await answering.inputTokens(request) }, 200, answering.headers)
}

const named = (name: string, fields: { [key: string]: JsonValue }): StreamEvent => ({ name, data: { type: name, ...fields } })

function usageOf(input: number, output: number): { [key: string]: JsonValue } {
  return {
    input_tokens: input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  }
}

interface Block {
  readonly whole: JsonValue
  readonly start: JsonValue
  readonly deltas: readonly JsonValue[]
}

function blocksOf({ text, calls }: Reply, dice: Dice): Block[] {
  const blocks: Block[] = []
  if (text !== '') {
    const deltas = piecesOf(text).map((piece) => ({ type: 'text_delta', text: piece }))
    blocks.push({ whole: { type: 'text', text }, start: { type: 'text', text: '' }, deltas })
  }
  for (const { name, argumentText } of calls) {
    const head = { type: 'tool_use', id: dice.id('toolu_01', 22), name }
    const deltas = ['', ...fragmentsOf(argumentText)].map((piece) => ({ type: 'input_json_delta', partial_json: piece }))
    blocks.push({ whole: { ...head, input: parsed(argumentText) }, start: { ...head, input: {} }, deltas })
  }
  return blocks
}

/** Cut off in the middle, the input is lost. */
function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return {}
  }
}
