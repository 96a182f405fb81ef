import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { distribution, median, now, pause, rounded, type Distribution } from './measure.ts'

/**
 * What it costs to look through answers: the same streams and answers through one gateway, by turns for an agent whose texts are looked
 * through for everything and for one for whom every type is off. Upstream and client run here, so that both read the same clock.
 * `node bench/safetyLatency.ts [streams of each kind]`
 */

const STREAMS = Number(process.argv[2] ?? 150)
const PIECES = 30
/** Rounds that are compared by themselves. */
const BLOCK = 15
/** Faster than any model speaks, and slow enough that no piece waits for the one before it. */
const PACE_MS = 3

/** What can be nothing more when it has come; words, the last of which may always be the beginning of something; and private data. */
const KINDS = {
  decided: Array.from({ length: PIECES }, () => 'Good!'),
  words: Array.from({ length: PIECES }, (_, index) => (index === 0 ? 'An' : ' invented')),
  private: Array.from({ length: PIECES }, (_, index) => [' ask', ' ce', 'o@ac', 'me.com', '!'][index % 5]!),
}
type Kind = keyof typeof KINDS
const SIDES = ['off', 'on'] as const
type Side = (typeof SIDES)[number]

interface Heard {
  /** When each piece was handed over, and when it came out. */
  readonly sentAt: readonly number[]
  readonly heardAt: readonly number[]
}

let sentAt: number[] = []

const chunkOf = (text: string): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-invented', object: 'chat.completion.chunk', model: 'gpt-4', choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`
const END = `${chunkOf('').replace('"finish_reason":null', '"finish_reason":"stop"')}data: [DONE]\n\n`
const WHOLE = JSON.stringify({ id: 'chatcmpl-invented', model: 'gpt-4', choices: [{ index: 0, message: { role: 'assistant', content: 'An invented answer about nothing. '.repeat(34) }, finish_reason: 'stop' }], usage: { prompt_tokens: 10, completion_tokens: 200 } })

const upstream: Server = createServer((incoming, response) => {
  let body = ''
  incoming.on('data', (text: Buffer) => (body += text.toString()))
  incoming.on('end', () => {
    const { user } = JSON.parse(body) as { user?: Kind }
    if (!user) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(WHOLE) })
      response.end(WHOLE)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    void play(KINDS[user])
  })
  async function play(pieces: readonly string[]): Promise<void> {
    sentAt = []
    for (const piece of pieces) {
      await pause(PACE_MS)
      sentAt.push(now())
      response.write(chunkOf(piece))
    }
    await pause(PACE_MS)
    sentAt.push(now())
    response.end(END)
  }
})
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')
const { port } = upstream.address() as AddressInfo
const child = spawn(process.execPath, [join(import.meta.dirname, 'safetyGateway.ts'), `http://127.0.0.1:${port}/v1`], { stdio: ['ignore', 'pipe', 'inherit'] })
const [base] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]

/** Sends one call, and tells when each of its events has come; an event's own number is its place. */
function ask(side: Side, kind: Kind | null): Promise<number[]> {
  const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'An invented question?' }], max_tokens: 300, ...(kind && { stream: true, user: kind, stream_options: { include_usage: true } }) })
  return new Promise((resolve, reject) => {
    const heardAt: number[] = []
    const outgoing = request(`${base}/run/${side}/openai/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: 'Bearer an-invented-word' } })
    outgoing.on('error', reject)
    outgoing.on('response', (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`The gateway answered with ${answer.statusCode}.`))
      answer.on('data', (bytes: Buffer) => {
        const at = now()
        for (let found = bytes.indexOf('data: '); found >= 0; found = bytes.indexOf('data: ', found + 1)) heardAt.push(at)
      })
      answer.on('end', () => resolve(heardAt))
    })
    outgoing.end(body)
  })
}

async function stream(side: Side, kind: Kind): Promise<Heard> {
  const heardAt = await ask(side, kind)
  return { sentAt, heardAt }
}

/** Of each piece by itself: how long after it was sent it has come. */
const late = ({ sentAt: sent, heardAt }: Heard, from: number, to: number, behind = 0): number[] =>
  heardAt.slice(from, to).map((at, index) => at - sent[from + index + behind]!)

const heard: Record<Kind, Record<Side, Heard[]>> = { decided: { on: [], off: [] }, words: { on: [], off: [] }, private: { on: [], off: [] } }
const wholeMs: Record<Side, number[][]> = { on: [], off: [] }
try {
  for (let round = -5; round < STREAMS; round++) {
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      for (const kind of Object.keys(KINDS) as Kind[]) {
        const one = await stream(side, kind)
        if (round >= 0) heard[kind][side].push(one)
      }
      const calls: number[] = []
      for (let call = 0; call < 5; call++) {
        const begin = now()
        await ask(side, null)
        calls.push(now() - begin)
      }
      if (round >= 0) wholeMs[side].push(calls)
    }
  }
} finally {
  child.kill('SIGTERM')
  upstream.close()
  upstream.closeAllConnections()
}

interface Added {
  readonly offP50: number
  readonly offP95: number
  readonly p50: number
  readonly p95: number
}

/** Rounds by themselves, in blocks: what slows the machine down for a while falls on both sides of a few blocks, and the middle one is told. */
function compared(on: readonly (readonly number[])[], off: readonly (readonly number[])[]): Added {
  const blocks = Array.from({ length: Math.ceil(on.length / BLOCK) }, (_, index) => {
    const [looked, bare] = [on, off].map((rounds) => distribution(rounds.slice(index * BLOCK, (index + 1) * BLOCK).flat())) as [Distribution, Distribution]
    return { offP50: bare.p50, offP95: bare.p95, p50: looked.p50 - bare.p50, p95: looked.p95 - bare.p95 }
  })
  const middle = (value: (block: Added) => number): number => rounded(median(blocks.map(value)))
  return { offP50: middle(({ offP50 }) => offP50), offP95: middle(({ offP95 }) => offP95), p50: middle(({ p50 }) => p50), p95: middle(({ p95 }) => p95) }
}
const both = (kind: Kind, take: (one: Heard) => number[]): Added => compared(heard[kind].on.map(take), heard[kind].off.map(take))

const report = {
  bench: 'safetyLatency',
  paceMs: PACE_MS,
  firstDecided: both('decided', (one) => late(one, 0, 1)),
  pieceDecided: both('decided', (one) => late(one, 0, PIECES)),
  firstWord: both('words', (one) => late(one, 0, 1)),
  /** A word that had to wait is compared with the moment at which the next one was sent. */
  wordAfterNext: compared(heard.words.on.map((one) => late(one, 0, PIECES, 1)), heard.words.off.map((one) => late(one, 0, PIECES))),
  piecePrivate: both('private', (one) => late(one, 0, PIECES)),
  whole: compared(wholeMs.on, wholeMs.off),
}
console.table(Object.fromEntries(Object.entries(report).filter(([, value]) => typeof value === 'object')))
console.log(JSON.stringify(report))
