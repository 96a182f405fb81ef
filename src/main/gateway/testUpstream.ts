import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an upstream was asked. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** Resolves when its connection is gone. */
  readonly gone: Promise<void>
}

export type Script = (response: ServerResponse, seen: SeenRequest, number: number) => unknown

/** A real HTTP server that does what a test says. For specs only. */
export interface TestUpstream {
  readonly url: string
  readonly seen: SeenRequest[]
  script: Script
  /** Resolves when so many requests have come in whole. */
  asked(number: number): Promise<SeenRequest>
  close(): Promise<void>
}

export async function createTestUpstream(): Promise<TestUpstream> {
  const waiting: { number: number; resolve: (seen: SeenRequest) => void }[] = []
  const server = createServer((request, response) => void receive(request, response))

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const gone = new Promise<void>((resolve) => response.once('close', () => resolve()))
    const { method = '', url = '', rawHeaders } = request
    const seen = { method, url, rawHeaders, body: Buffer.concat(chunks), gone }
    upstream.seen.push(seen)
    for (const one of waiting) if (one.number === upstream.seen.length) one.resolve(seen)
    await upstream.script(response, seen, upstream.seen.length)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream: TestUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    script: (response) => answerJson(response, chatAnswer()),
    asked: (number) =>
      new Promise((resolve) => {
        const known = upstream.seen[number - 1]
        if (known) resolve(known)
        else waiting.push({ number, resolve })
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return upstream
}

export function answerJson(response: ServerResponse, json: unknown, status = 200, headers: readonly string[] = []): void {
  const body = Buffer.from(JSON.stringify(json))
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(body.length), ...headers])
  response.end(body)
}

/** 1,000 tokens that came and 100 that went. */
const USUAL_USAGE = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 }

export function chatAnswer(usage: unknown = USUAL_USAGE, text = 'Good morning.'): object {
  const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }]
  return { id: 'chatcmpl-invented', object: 'chat.completion', model: 'gpt-4', choices, ...(usage === 'none' ? {} : { usage }) }
}

export function chatChunk(content: string | null, more: object = {}): string {
  const choices = content === null ? [] : [{ index: 0, delta: { content }, finish_reason: null }]
  return `data: ${JSON.stringify({ id: 'chatcmpl-invented', object: 'chat.completion.chunk', model: 'gpt-4', choices, ...more })}\n\n`
}

export const USAGE_CHUNK = chatChunk(null, { usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 } })
export const LAST_CHUNK = chatChunk('', {}).replace('"finish_reason":null', '"finish_reason":"stop"')
export const DONE = 'data: [DONE]\n\n'

export function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
}
