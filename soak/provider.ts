import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base'
import { answered, inOneText } from '../src/main/leaks/testPrivate.ts'
import { createDice } from './dice.ts'

/** A provider on the loopback interface that bills what it answers, fails now and then, and says private things. */

export interface Bill {
  readonly agentId: string
  /** The agent's own count of its calls: what was billed for output, too. */
  readonly number: number
  /** Nanodollars. */
  readonly total: number
}

export interface Provider {
  readonly url: string
  readonly bills: readonly Bill[]
  readonly refused: number
  close(): Promise<void>
}

export const MODEL = 'gpt-4-turbo'
/** Nanodollars a token, as in the room's own table: $10 and $30 for a million. */
const INPUT_PRICE = 10_000
const OUTPUT_PRICE = 30_000
const PIECES = 8
/** As OpenAI counts them. */
const TOKENS_OF_A_MESSAGE = 4
const TOKENS_OF_A_CHAT = 3

interface Asked {
  readonly max_tokens: number
  readonly messages: readonly { readonly content: string }[]
  readonly stream?: boolean
}

export async function openProvider(seed: number): Promise<Provider> {
  const dice = createDice(seed)
  const bills: Bill[] = []
  let refused = 0
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const chance = dice.fraction()
    if (chance < 0.06) {
      refused++
      const status = chance < 0.03 ? 500 : 429
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '40' })
      response.end(JSON.stringify({ error: { message: 'Not now.', type: 'server_error' } }))
      return
    }
    if (chance > 0.85) await pause(dice.between(100, 1_200))
    // Somebody who has hung up before the answer began is not billed.
    if (response.destroyed) return
    const { max_tokens: number, stream = false, messages } = JSON.parse(body) as Asked
    const prompt = messages.reduce((sum, { content }) => sum + TOKENS_OF_A_MESSAGE + countTokens(content), TOKENS_OF_A_CHAT)
    bills.push({ agentId: String(request.headers['x-soak-agent']), number, total: prompt * INPUT_PRICE + number * OUTPUT_PRICE })
    const usage = { prompt_tokens: prompt, completion_tokens: number, total_tokens: prompt + number }
    const text = chance > 0.7 ? `Write to ${inOneText(answered)}.` : 'Good morning.'
    if (stream) await play(response, text, usage)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...chat({ message: { role: 'assistant', content: text } }), usage }))
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    bills,
    get refused() {
      return refused
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const chat = (choice: object): object => ({ id: 'chatcmpl-invented', object: 'chat.completion', created: 1, model: MODEL, choices: [{ index: 0, finish_reason: 'stop', ...choice }] })

async function play(response: ServerResponse, text: string, usage: object): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const length = Math.ceil(text.length / PIECES)
  for (let place = 0; place < text.length; place += length) {
    response.write(`data: ${JSON.stringify(chat({ delta: { content: text.slice(place, place + length) }, finish_reason: null }))}\n\n`)
    await pause(5)
  }
  response.end(`data: ${JSON.stringify({ ...chat({ delta: {} }), choices: [], usage })}\n\ndata: [DONE]\n\n`)
}
