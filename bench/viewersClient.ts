import { WebSocket } from 'ws'
import { now } from './measure.ts'

/** The viewers, in a process of their own: real WebSocket clients that note when each event reached them. */

export interface ViewersOrder {
  readonly url: string
  readonly token: string
  readonly viewers: number
  /** Follows the events as well, but never reads. */
  readonly hasStuckViewer: boolean
}

export interface ViewersReport {
  readonly received: number
  readonly fewest: number
  /** Of the viewer whose p99 is the worst, in milliseconds. */
  readonly slowest: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly all: { readonly p50: number; readonly p99: number }
}

const open: WebSocket[] = []
let delays: number[][] = []
let isMeasuring = false

/** All viewers get the same bytes; reading them a thousand times over would measure this process instead of the server. */
let lastBytes: Buffer = Buffer.alloc(0)
let lastSentAt: number[] = []
function sentAtIn(bytes: Buffer): number[] {
  if (!bytes.equals(lastBytes)) {
    lastBytes = bytes
    lastSentAt = [...bytes.toString().matchAll(/"sentAt":([\d.]+)/g)].map((match) => Number(match[1]))
  }
  return lastSentAt
}

async function connect({ url, token }: ViewersOrder): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false })
  open.push(socket)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.send('{"id":1,"open":"event.follow","input":{}}')
  return socket
}

async function start(order: ViewersOrder): Promise<void> {
  delays = Array.from({ length: order.viewers }, () => [])
  for (const mine of delays) {
    const socket = await connect(order)
    socket.on('message', (data: Buffer) => {
      if (!isMeasuring) return
      const arrived = now()
      for (const sentAt of sentAtIn(data)) mine.push(arrived - sentAt)
    })
    // The stream is open when its answer could have come: one more exchange, and it has.
    await new Promise((resolve) => socket.once('pong', resolve).ping())
  }
  if (order.hasStuckViewer) (await connect(order)).pause()
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

function report(): ViewersReport {
  const sorted = delays.map((mine) => mine.toSorted((a, b) => a - b))
  const slowest = sorted.reduce((worst, mine) => (at(mine, 0.99) > at(worst, 0.99) ? mine : worst), sorted[0] ?? [])
  const all = Float64Array.from(sorted.flat()).sort()
  return {
    received: all.length,
    fewest: Math.min(...sorted.map((mine) => mine.length)),
    slowest: { p50: at(slowest, 0.5), p99: at(slowest, 0.99), max: slowest.at(-1) ?? NaN },
    all: { p50: all[Math.floor(all.length * 0.5)] ?? NaN, p99: all[Math.floor(all.length * 0.99)] ?? NaN },
  }
}

process.on('message', async (message: ViewersOrder | 'measure' | 'report') => {
  if (message === 'measure') isMeasuring = true
  else if (message === 'report') process.send!(report(), () => process.exit(0))
  else {
    await start(message)
    process.send!('ready')
  }
})
