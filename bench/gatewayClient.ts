import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { now } from './measure.ts'

/** A client that costs so little that it measures the others: one request at a time on a connection that is kept. */
export interface BareClient {
  ask(): Promise<Answer>
  close(): void
}

export interface Answer {
  /** Until the first bytes of the body. */
  readonly firstMs: number
  readonly totalMs: number
}

/** The bytes of a request as an SDK would send it. */
export function requestBytes(url: URL, body: string, headers: Readonly<Record<string, string>>): Buffer {
  const usual = { host: url.host, 'content-type': 'application/json', authorization: 'Bearer sk-invented' }
  const all = { ...usual, ...headers, 'content-length': String(body.length) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

export async function openClient(url: URL, request: Buffer): Promise<BareClient> {
  const socket: Socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  await once(socket, 'connect')
  let begin = 0
  let firstMs = 0
  let received = ''
  /** Where the answer ends; null while that is not known, and for chunks, which tell it themselves. */
  let endsAt: number | null = null
  let bodyAt = 0
  let pending: { resolve: (answer: Answer) => void; reject: (problem: Error) => void } | null = null

  const fail = (problem: Error): void => pending?.reject(problem)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The target closed the connection in the middle of an answer.')))
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    if (bodyAt === 0) {
      const found = received.indexOf('\r\n\r\n')
      if (found < 0) return
      const head = received.slice(0, found)
      if (!head.startsWith('HTTP/1.1 200')) return fail(new Error(`The target answered: ${received.slice(0, 500)}`))
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
      bodyAt = found + 4
      endsAt = length === undefined ? null : bodyAt + Number(length)
    }
    if (firstMs === 0 && received.length > bodyAt) firstMs = now() - begin
    const isOver = endsAt === null ? received.endsWith('\r\n0\r\n\r\n') : received.length >= endsAt
    if (!isOver) return
    received = ''
    bodyAt = 0
    const answer = { firstMs, totalMs: now() - begin }
    const asked = pending
    pending = null
    asked?.resolve(answer)
  })

  return {
    ask() {
      return new Promise((resolve, reject) => {
        pending = { resolve, reject }
        firstMs = 0
        begin = now()
        socket.write(request)
      })
    },
    close() {
      pending = null
      socket.destroy()
    },
  }
}
