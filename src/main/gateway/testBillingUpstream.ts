import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { nextTurn } from '../nextTurn.ts'
import { answerJson, chatAnswer, chatChunk, DONE, startStream } from './testUpstream.ts'

/** A provider that bills a call at the moment its request has arrived whole, whatever becomes of the answer. For specs only. */
export interface BillingUpstream {
  readonly url: string
  /** What was billed, by the number that the test's client gave the call. */
  readonly bills: ReadonlyMap<number, number>
  /** Called after each bill. */
  onBill: () => void
  /** Resolves when nobody is connected any more: by then everything that was on its way has arrived. */
  quiet(): Promise<void>
  close(): Promise<void>
}

export const NUMBER_HEADER = 'x-invented-number'
const MODEL = 'gpt-4-turbo'
/** Nanodollars a token: $10 and $30 for a million. */
const INPUT_PRICE = 10_000
const OUTPUT_PRICE = 30_000
const PIECES = 6
/** What a chat of one message may have beside its bytes. */
const FRAME_TOKENS = 7
const mostInput = (body: string): number => body.length + FRAME_TOKENS

/** The bound is the body's bytes and `max_tokens`; a different one for each number, by which calls are told apart. */
export function requestOf(number: number): { body: string; worstCase: number } {
  const mostOutput = 10_000 + number
  const isStreamed = number % 3 === 0
  const stream = isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}
  const messages = [{ role: 'user', content: 'An invented question?' }]
  const body = JSON.stringify({ model: MODEL, max_tokens: mostOutput, messages, ...stream })
  return { body, worstCase: mostInput(body) * INPUT_PRICE + mostOutput * OUTPUT_PRICE }
}

/** `share` of the worst case's output is used and billed, and all of its input. */
export async function openBillingUpstream(share: number): Promise<BillingUpstream> {
  const bills = new Map<number, number>()
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void receive(request, response).catch(() => response.destroy()))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const number = Number(request.headers[NUMBER_HEADER])
    const asked = JSON.parse(body) as { max_tokens: number; stream?: boolean }
    const [prompt, completion] = [mostInput(body), Math.floor(asked.max_tokens * share)]
    if (bills.has(number)) throw new Error(`Call ${number} came twice.`)
    bills.set(number, prompt * INPUT_PRICE + completion * OUTPUT_PRICE)
    upstream.onBill()
    const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
    if (!asked.stream) return answerJson(response, { ...chatAnswer(usage), model: MODEL })
    startStream(response)
    for (let piece = 0; piece < PIECES; piece++) {
      response.write(chatChunk(`piece ${piece}`, { model: MODEL }))
      await nextTurn()
    }
    response.end(`${chatChunk(null, { model: MODEL, usage })}${DONE}`)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream: BillingUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bills,
    onBill: () => undefined,
    async quiet() {
      await Promise.all([...sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))))
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return upstream
}
