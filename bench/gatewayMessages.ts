/** What goes to and fro in bench/gateway: a request of 600 bytes, an answer of 1.26 KB, and a stream of twenty pieces. */

const MODEL = 'gpt-4.1-mini'
const REQUEST_BYTES = 600
const ANSWER_BYTES = 1260
/** Asks the upstream to take a millisecond between two pieces. */
export const PACED = '"seed":1'

const WORDS = 'An invented prompt about nothing in particular, as long as prompts of small agents are. '

function fill(bytes: number, withText: (text: string) => string): string {
  const missing = bytes - Buffer.byteLength(withText(''))
  return withText(WORDS.repeat(Math.ceil(missing / WORDS.length)).slice(0, missing))
}

function request(more: string): string {
  return fill(REQUEST_BYTES, (text) => `{"model":"${MODEL}","max_tokens":300,"messages":[{"role":"user","content":"${text}"}]${more}}`)
}

export const PLAIN_REQUEST = request('')
export const STREAM_REQUEST = request(',"stream":true,"stream_options":{"include_usage":true}')
export const PACED_REQUEST = request(`,"stream":true,${PACED},"stream_options":{"include_usage":true}`)

const COMMON = `"id":"chatcmpl-invented","created":1795225354,"model":"${MODEL}"`
const USAGE = '"usage":{"prompt_tokens":130,"completion_tokens":190,"total_tokens":320}'

export const ANSWER = fill(
  ANSWER_BYTES,
  (text) =>
    `{${COMMON},"object":"chat.completion","choices":[` +
    `{"index":0,"message":{"role":"assistant","content":"${text}"},"finish_reason":"stop"}],${USAGE}}`,
)

const piece = (delta: string, finish: string): string =>
  `data: {${COMMON},"object":"chat.completion.chunk","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`

export const STREAM_EVENTS: readonly string[] = [
  piece('{"role":"assistant","content":""}', 'null'),
  ...Array.from({ length: 20 }, (_, index) => piece(`{"content":" some invented words, ${index}"}`, 'null')),
  piece('{}', '"stop"'),
  `data: {${COMMON},"object":"chat.completion.chunk","choices":[],${USAGE}}\n\n`,
  'data: [DONE]\n\n',
]
