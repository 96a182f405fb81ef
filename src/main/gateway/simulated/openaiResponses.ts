import type { JsonValue } from '../../../shared/errors.ts'
import { jsonAnswer, streamAnswer, type Answer, type StreamEvent } from './answer.ts'
import type { Answering } from './answering.ts'
import type { Dice } from './dice.ts'
import { readResponses, type ResponsesRequest } from './openaiResponsesRequest.ts'
import { fragmentsOf, piecesOf } from './pieces.ts'
import type { Reply, ToolCall } from './reply.ts'

interface Fields {
  [key: string]: JsonValue
}

export async function answerResponses(json: unknown, answering: Answering): Promise<Answer> {
  const request = readResponses(json)
  if ('message' in request) return answering.reject(request)
  const [inputTokens, reply] = await Promise.all([answering.inputTokens(request), answering.reply(request)])
  const { dice, seconds, headers } = answering
  const isCut = reply.end.kind === 'length'
  const status = isCut ? 'incomplete' : 'completed'
  const items = itemsOf(reply, status, dice)
  const response = responseOf(request, dice.id('resp_', 48), seconds)
  const finished = {
    ...response,
    status,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output: items.map(({ done }) => done),
    usage: usageOf(inputTokens, reply.tokens),
  }
  if (!request.isStreamed) return jsonAnswer(finished, 200, headers)

  const begun = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null }
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items.flatMap(({ events }, index) => events.map((event) => ({ ...event, output_index: index }))),
    { type: `response.${status}`, response: finished },
  ]
  return streamAnswer(
    events.map((event, index): StreamEvent => ({ name: event.type, data: { ...event, sequence_number: index } })),
    headers,
  )
}

/** What the answer says of the request, with what holds where the request said nothing. */
function responseOf({ body, model }: ResponsesRequest, id: string, seconds: number): Fields {
  const given = (name: string, usual: JsonValue): JsonValue => (body[name] ?? usual) as JsonValue
  return {
    id,
    object: 'response',
    created_at: seconds,
    background: false,
    error: null,
    instructions: given('instructions', null),
    max_output_tokens: given('max_output_tokens', null),
    max_tool_calls: given('max_tool_calls', null),
    model,
    parallel_tool_calls: given('parallel_tool_calls', true),
    previous_response_id: given('previous_response_id', null),
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: given('store', true),
    temperature: given('temperature', 1),
    text: given('text', { format: { type: 'text' } }),
    tool_choice: given('tool_choice', 'auto'),
    tools: given('tools', []),
    top_p: given('top_p', 1),
    truncation: given('truncation', 'disabled'),
    user: given('user', null),
    metadata: given('metadata', {}),
  }
}

function usageOf(input: number, output: number): Fields {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  }
}

interface Item {
  readonly done: Fields
  readonly events: readonly (Fields & { readonly type: string })[]
}

function itemsOf({ text, calls }: Reply, status: string, dice: Dice): Item[] {
  const items = calls.map((call, index) => callItem(call, index === calls.length - 1 ? status : 'completed', dice))
  return text === '' && calls.length > 0 ? items : [messageItem(text, status, dice), ...items]
}

function messageItem(text: string, status: string, dice: Dice): Item {
  const id = dice.id('msg_', 48)
  const part = (content: string): Fields => ({ type: 'output_text', annotations: [], logprobs: [], text: content })
  const done = { id, type: 'message', status, content: [part(text)], role: 'assistant' }
  const place = { item_id: id, content_index: 0 }
  return {
    done,
    events: [
      { type: 'response.output_item.added', item: { ...done, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...place, part: part('') },
      ...piecesOf(text).map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part: part(text) },
      { type: 'response.output_item.done', item: done },
    ],
  }
}

function callItem({ name, argumentText, isFreeText }: ToolCall, status: string, dice: Dice): Item {
  const id = dice.id(isFreeText ? 'ctc_' : 'fc_', 48)
  const head = { id, type: isFreeText ? 'custom_tool_call' : 'function_call', status, call_id: dice.id('call_', 24), name }
  const field = isFreeText ? 'input' : 'arguments'
  const event = isFreeText ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
  const done = { ...head, [field]: argumentText }
  return {
    done,
    events: [
      { type: 'response.output_item.added', item: { ...head, status: 'in_progress', [field]: '' } },
      ...fragmentsOf(argumentText).map((delta) => ({ type: `${event}.delta`, item_id: id, delta })),
      { type: `${event}.done`, item_id: id, [field]: argumentText, ...(isFreeText ? {} : { name }) },
      { type: 'response.output_item.done', item: done },
    ],
  }
}
