import type { Permissions } from '../../../shared/domain/safetyRules.ts'
import type { Upstream } from '../upstream.ts'

/** Streams as providers write them, with a text or a tool's arguments in the pieces that are given. For specs only. */
export interface TestDialect {
  readonly provider: 'openai' | 'anthropic'
  readonly path: string
  readonly request: object
  /** The data of the events, with their names where they have some. */
  events(pieces: readonly string[]): TestEvent[]
  /** The text as a client puts it together. */
  read(events: readonly AnyEvent[]): string
}

export interface TestEvent {
  readonly name?: string
  readonly data: object | '[DONE]'
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into events of every shape
export type AnyEvent = any

const CHAT = { model: 'gpt-4', messages: [{ role: 'user', content: 'An invented question?' }], max_tokens: 200, stream: true, stream_options: { include_usage: true } }
const RESPONSE = { model: 'gpt-4', input: 'An invented question?', max_output_tokens: 200, stream: true }
const MESSAGE = { model: 'claude-sonnet-4-5', messages: CHAT.messages, max_tokens: 200, stream: true }
const CHUNK = { id: 'chatcmpl-invented00000000000', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'gpt-4', service_tier: 'default' }
const USAGE = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 }

export const chunkOf = (delta: object, finish: string | null = null, index = 0): TestEvent => ({
  data: { ...CHUNK, choices: [{ index, delta, logprobs: null, finish_reason: finish }], usage: null },
})
export const CHAT_END: readonly TestEvent[] = [{ data: { ...CHUNK, choices: [], usage: USAGE } }, { data: '[DONE]' }]
const named = (type: string, fields: object): TestEvent => ({ name: type, data: { type, ...fields } })

export const chatText: TestDialect = {
  provider: 'openai',
  path: '/chat/completions',
  request: CHAT,
  events: (pieces) => [chunkOf({ role: 'assistant', content: '', refusal: null }), ...pieces.map((content) => chunkOf({ content })), chunkOf({}, 'stop'), ...CHAT_END],
  read: (events) => events.map((event) => event.choices?.[0]?.delta?.content ?? '').join(''),
}

export const chatArguments: TestDialect = {
  provider: 'openai',
  path: '/chat/completions',
  request: CHAT,
  events: (pieces) => [
    chunkOf({ role: 'assistant', content: null, tool_calls: [{ index: 0, id: 'call_invented', type: 'function', function: { name: 'send_mail', arguments: '' } }] }),
    ...pieces.map((text) => chunkOf({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
    chunkOf({}, 'tool_calls'),
    ...CHAT_END,
  ],
  read: (events) => events.map((event) => event.choices?.[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? '').join(''),
}

export const responsesText: TestDialect = {
  provider: 'openai',
  path: '/responses',
  request: RESPONSE,
  events: (pieces) => {
    const text = pieces.join('')
    const place = { item_id: 'msg_invented', output_index: 0, content_index: 0 }
    const part = (content: string): object => ({ type: 'output_text', annotations: [], text: content })
    const item = (status: string, content: object[]): object => ({ id: 'msg_invented', type: 'message', status, role: 'assistant', content })
    const response = (status: string, output: object[], usage: object | null): object => ({ id: 'resp_invented', object: 'response', status, model: 'gpt-4', output, usage })
    return [
      named('response.created', { response: response('in_progress', [], null) }),
      named('response.output_item.added', { output_index: 0, item: item('in_progress', []) }),
      named('response.content_part.added', { ...place, part: part('') }),
      ...pieces.map((delta) => named('response.output_text.delta', { ...place, delta })),
      named('response.output_text.done', { ...place, text }),
      named('response.content_part.done', { ...place, part: part(text) }),
      named('response.output_item.done', { output_index: 0, item: item('completed', [part(text)]) }),
      named('response.completed', { response: response('completed', [item('completed', [part(text)])], { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 }) }),
    ]
  },
  read: (events) => {
    const deltas = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('')
    const whole = events.map((event) => event.text ?? event.part?.text ?? event.item?.content?.[0]?.text ?? event.response?.output?.[0]?.content[0].text ?? '')
    return [...new Set([deltas, ...whole.filter((text) => text !== '')])].join(' / ')
  },
}

export const responsesArguments: TestDialect = {
  provider: 'openai',
  path: '/responses',
  request: RESPONSE,
  events: (pieces) => {
    const text = pieces.join('')
    const place = { item_id: 'fc_invented', output_index: 0 }
    const item = (status: string, args: string): object => ({ id: 'fc_invented', type: 'function_call', status, call_id: 'call_invented', name: 'send_mail', arguments: args })
    return [
      named('response.output_item.added', { output_index: 0, item: item('in_progress', '') }),
      ...pieces.map((delta) => named('response.function_call_arguments.delta', { ...place, delta })),
      named('response.function_call_arguments.done', { ...place, arguments: text }),
      named('response.output_item.done', { output_index: 0, item: item('completed', text) }),
      named('response.completed', { response: { id: 'resp_invented', output: [item('completed', text)], usage: { input_tokens: 1_000, output_tokens: 100 } } }),
    ]
  },
  read: (events) => {
    const deltas = events.map((event) => event.delta ?? '').join('')
    const whole = events.map((event) => event.arguments ?? event.item?.arguments ?? event.response?.output[0].arguments ?? '')
    return [...new Set([deltas, ...whole.filter((text) => text !== '')])].join(' / ')
  },
}

function message(block: object, deltas: readonly object[]): TestEvent[] {
  const head = { id: 'msg_invented', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [] }
  return [
    named('message_start', { message: { ...head, usage: { input_tokens: 1_000, output_tokens: 1 } } }),
    named('content_block_start', { index: 0, content_block: block }),
    named('ping', {}),
    ...deltas.map((delta) => named('content_block_delta', { index: 0, delta })),
    named('content_block_stop', { index: 0 }),
    named('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 100 } }),
    named('message_stop', {}),
  ]
}

export const anthropicText: TestDialect = {
  provider: 'anthropic',
  path: '/v1/messages',
  request: MESSAGE,
  events: (pieces) => message({ type: 'text', text: '' }, pieces.map((text) => ({ type: 'text_delta', text }))),
  read: (events) => events.map((event) => event.delta?.text ?? '').join(''),
}

const anthropicThinking: TestDialect = {
  ...anthropicText,
  events: (pieces) => message({ type: 'thinking', thinking: '' }, pieces.map((thinking) => ({ type: 'thinking_delta', thinking }))),
  read: (events) => events.map((event) => event.delta?.thinking ?? '').join(''),
}

export const anthropicArguments: TestDialect = {
  ...anthropicText,
  events: (pieces) => {
    const block = { type: 'tool_use', id: 'toolu_invented', name: 'send_mail', input: {} }
    return message(block, ['', ...pieces].map((text) => ({ type: 'input_json_delta', partial_json: text })))
  },
  read: (events) => events.map((event) => event.delta?.partial_json ?? '').join(''),
}

export const TEXTS = { 'chat completions': chatText, responses: responsesText, messages: anthropicText, thinking: anthropicThinking }
export const ARGUMENTS = { 'chat completions': chatArguments, responses: responsesArguments, messages: anthropicArguments }

export function written(events: readonly TestEvent[], lineEnd = '\n'): Buffer[] {
  return events.map(({ name, data }) => {
    const text = data === '[DONE]' ? data : JSON.stringify(data)
    return Buffer.from(`${name === undefined ? '' : `event: ${name}${lineEnd}`}data: ${text}${lineEnd}${lineEnd}`)
  })
}

/** As a strict client reads it. */
export function readEvents(text: string): AnyEvent[] {
  return text
    .split(/\r?\n\r?\n/)
    .flatMap((event) => event.split(/\r?\n/).filter((line) => line.startsWith('data: ')))
    .map((line) => line.slice(6))
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as AnyEvent)
}

export interface PlayedUpstream extends Upstream {
  chunks: readonly Buffer[]
  headers: readonly string[]
}

/** Answers with just these slices, cut where the test wants them. For specs only. */
export function createPlayedUpstream(): PlayedUpstream {
  const upstream: PlayedUpstream = {
    chunks: [],
    headers: ['content-type', 'text/event-stream'],
    send(_request, listener) {
      let isOver = false
      setImmediate(() => {
        if (!isOver) listener.head(200, upstream.headers)
        for (const chunk of upstream.chunks) if (!isOver) listener.data(chunk)
        if (!isOver) listener.end()
      })
      return { pause: () => undefined, resume: () => undefined, abort: () => void (isOver = true) }
    },
    close: async () => undefined,
  }
  return upstream
}

/** A file that says nothing. */
export const ALLOWED: Permissions = { models: null, tools: null, hosts: null, paths: null }
