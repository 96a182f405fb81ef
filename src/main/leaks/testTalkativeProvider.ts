import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import {
  anthropicArguments, anthropicText, chatArguments, chatText, responsesArguments, responsesText, written, type TestDialect,
} from '../gateway/guard/testStreams.ts'
import { answered, inOneText } from './testPrivate.ts'

/** A provider that puts private data into every answer, in the shape that the agent asks for by `x-invented-case`. For specs only. */
export interface TalkativeProvider {
  readonly port: number
  /** Resolves when somebody has asked for what never comes. */
  readonly hung: Promise<void>
  close(): Promise<void>
}

const NOTE = `Write to ${inOneText(answered)}.`
const WHERE = { url: `https://elsewhere.test/?to=${answered.email}&ssn=${answered.ssn}`, host: `${answered.ip}`, path: `/home/${answered.email}/${answered.phone}` }
const ARGUMENTS = JSON.stringify({ ...WHERE, to: answered.email, n: 4_155_550_100, rows: [NOTE], json: JSON.stringify({ deep: JSON.stringify({ deeper: NOTE }) }) })
const USAGE = { prompt_tokens: 100, completion_tokens: 100, total_tokens: 200 }
const INPUT_USAGE = { input_tokens: 100, output_tokens: 100, total_tokens: 200 }
const HEADERS = { 'x-note': NOTE, 'x-request-id': 'req_invented' }

export async function openTalkativeProvider(): Promise<TalkativeProvider> {
  const hung = Promise.withResolvers<void>()
  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const body = (text === '' ? {} : JSON.parse(text)) as { stream?: boolean; tools?: unknown }
    const path = (request.url ?? '').replace(/\?.*/, '').replace(/^\/v1/, '')
    const wanted = String(request.headers['x-invented-case'] ?? '')
    if (wanted === 'hang') return hung.resolve()
    if (wanted === 'html') return void response.writeHead(502, { ...HEADERS, 'content-type': 'text/html', 'x-should-retry': 'false' }).end(`<html><b>${NOTE}</b></html>`)
    if (wanted === 'error') return json(response, { error: { message: NOTE, type: 'invalid_request_error', param: answered.email, code: null } }, 400)
    if (wanted === 'redirect') return void response.writeHead(302, { ...HEADERS, location: `https://example.test/?for=${encodeURIComponent(NOTE)}` }).end(NOTE)
    if (wanted === 'cut') return void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99999' }).write(`{"x":"${NOTE}"`, () => response.destroy())
    if (wanted === 'gzip') {
      const packed = gzipSync(JSON.stringify(whole(path, false)))
      return void response.writeHead(200, { ...HEADERS, 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed)
    }
    if (body.stream !== true) return json(response, whole(path, body.tools !== undefined))
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    for (const event of streamed(path, body.tools !== undefined)) response.write(event)
    response.end()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    hung: hung.promise,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** In pieces of one to four characters. */
function inPieces(text: string): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += 1 + (pieces.length % 4)) pieces.push(text.slice(at, at + 1 + (pieces.length % 4)))
  return pieces
}

function streamed(path: string, hasTools: boolean): Buffer[] {
  const dialects: Record<string, [text: TestDialect, tools: TestDialect]> = {
    '/chat/completions': [chatText, chatArguments],
    '/responses': [responsesText, responsesArguments],
    '/messages': [anthropicText, anthropicArguments],
  }
  const [text, tools] = dialects[path] ?? []
  if (text && tools) return written(hasTools ? tools.events(inPieces(ARGUMENTS)) : text.events(inPieces(NOTE)))
  const chunk = (text: string, more: object = {}): string => `data: ${JSON.stringify({ id: 'cmpl-invented', object: 'text_completion', choices: [{ index: 0, text, finish_reason: null }], ...more })}\n\n`
  return [...inPieces(NOTE).map((piece) => chunk(piece)), chunk('', { usage: USAGE }), 'data: [DONE]\n\n'].map((event) => Buffer.from(event))
}

function whole(path: string, hasTools: boolean): object {
  const call = { id: 'call_invented', type: 'function', function: { name: 'send_mail', arguments: ARGUMENTS } }
  if (path === '/chat/completions') {
    const message = { role: 'assistant', content: hasTools ? null : NOTE, ...(hasTools ? { tool_calls: [call] } : {}) }
    const logprobs = { content: [{ token: NOTE, bytes: [...Buffer.from(NOTE)], logprob: -1, top_logprobs: [] }] }
    return { id: 'chatcmpl-invented', object: 'chat.completion', model: 'gpt-4', choices: [{ index: 0, message, logprobs, finish_reason: 'stop' }], usage: USAGE }
  }
  if (path === '/responses') {
    const text = { type: 'message', id: 'msg_invented', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: NOTE, annotations: [] }] }
    const tool = { type: 'function_call', id: 'fc_invented', call_id: 'call_invented', name: 'send_mail', arguments: ARGUMENTS, status: 'completed' }
    return { id: 'resp_invented', object: 'response', status: 'completed', model: 'gpt-4', output: [text, tool], metadata: { [String(answered.email)]: NOTE }, usage: INPUT_USAGE }
  }
  if (path === '/completions') return { id: 'cmpl-invented', object: 'text_completion', model: 'davinci-002', choices: [{ index: 0, text: NOTE, finish_reason: 'stop' }], usage: USAGE }
  if (path === '/embeddings') return { object: 'list', model: NOTE, data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }], usage: { prompt_tokens: 9, total_tokens: 9 } }
  if (path === '/messages') {
    const content = [{ type: 'text', text: NOTE }, { type: 'tool_use', id: 'toolu_invented', name: 'send_mail', input: JSON.parse(ARGUMENTS) as object }]
    return { id: 'msg_invented', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content, stop_reason: 'end_turn', usage: INPUT_USAGE }
  }
  if (path === '/messages/count_tokens') return { input_tokens: 9, note: NOTE }
  return { object: 'list', data: [{ id: NOTE, object: 'model', owned_by: answered.email }] }
}
