import { WebSocket } from 'ws'
import { now } from './measure.ts'

/** The viewers, in a process of their own: real WebSocket clients that note when each event reached them. */

export interface ViewersOrder {
  readonly url: string
  readonly token: string
  readonly viewers: number
  /** Follows the events as well, but never reads. */
  readonly hasStuckViewer: boolean
  /** What else each of them follows, as a page does. */
  readonly follow?: readonly { readonly open: string; readonly input: object }[]
  /** From when delays count: from a time of ours within each event, or from the time that the room gave it. */
  readonly since?: 'sentAt' | 'eventAt'
}

export interface ViewersReport {
  readonly received: number
  readonly fewest: number
  /** Of the viewer whose p99 is the worst, in milliseconds. */
  readonly slowest: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly all: { readonly p50: number; readonly p99: number; readonly max: number }
  /** The share of what was received that took longer than half a second. */
  readonly lateShare: number
}

const LATE_MS = 500

const open: WebSocket[] = []
let delays: number[][] = []
let isMeasuring = false
let since: NonNullable<ViewersOrder['since']> = 'sentAt'

/** All viewers get the same bytes; reading them a thousand times over would measure this process instead of the server. */
let lastBytes: Buffer = Buffer.alloc(0)
let lastSentAt: number[] = []
function sentAtIn(bytes: Buffer): number[] {
  if (!bytes.equals(lastBytes)) {
    lastBytes = bytes
    const pattern = since === 'sentAt' ? /"sentAt":([\d.]+)/g : /"seq":\d+,"at":(\d+)/g
    lastSentAt = [...bytes.toString().matchAll(pattern)].map((match) => Number(match[1]))
  }
  return lastSentAt
}

async function connect({ url, token, follow = [] }: ViewersOrder): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false })
  open.push(socket)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.send('{"id":1,"open":"event.follow","input":{}}')
  follow.forEach((stream, index) => socket.send(JSON.stringify({ id: index + 2, ...stream })))
  return socket
}

async function start(order: ViewersOrder): Promise<void> {
  since = order.since ?? 'sentAt'
  delays = Array.from({ length: order.viewers }, () => [])
  for (const mine of delays) {
    const socket = await connect(order)
    socket.on('message', (data: Buffer) => {
      if (!isMeasuring) return
      const arrived = since === 'sentAt' ? now() : Date.now()
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
    all: { p50: all[Math.floor(all.length * 0.5)] ?? NaN, p99: all[Math.floor(all.length * 0.99)] ?? NaN, max: all.at(-1) ?? NaN },
    lateShare: all.filter((delay) => delay > LATE_MS).length / all.length,
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
