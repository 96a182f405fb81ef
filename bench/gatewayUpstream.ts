import { createServer, type AddressInfo, type Socket } from 'node:net'
import { ANSWER, PACED, STREAM_EVENTS } from './gatewayMessages.ts'

/**
 * Stands for a provider, in a process of its own: canned answers, written straight to the socket, so that what is measured is what lies
 * in between. Prints its URL.
 */

const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(ANSWER)}\r\n\r\n`
const WHOLE = Buffer.from(HEAD + ANSWER)
const STREAM_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n'
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const CHUNKS = STREAM_EVENTS.map((event) => Buffer.from(chunk(event)))
const STREAM_END = '0\r\n\r\n'
const PACE_MS = 1

function answer(socket: Socket, body: string): void {
  if (!body.includes('"stream":true')) {
    socket.write(WHOLE)
    return
  }
  socket.write(STREAM_HEAD)
  socket.write(CHUNKS[0]!)
  let next = 1
  const goOn = (): void => {
    if (socket.destroyed) return
    if (next === CHUNKS.length) socket.write(STREAM_END)
    else {
      socket.write(CHUNKS[next++]!)
      if (body.includes(PACED)) setTimeout(goOn, PACE_MS)
      else setImmediate(goOn)
    }
  }
  goOn()
}

const server = createServer((socket) => {
  let received = ''
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  socket.on('data', (text: string) => {
    received += text
    for (;;) {
      const bodyAt = received.indexOf('\r\n\r\n') + 4
      if (bodyAt < 4) return
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received.slice(0, bodyAt))?.[1] ?? 0)
      if (received.length < bodyAt + length) return
      const body = received.slice(bodyAt, bodyAt + length)
      received = received.slice(bodyAt + length)
      answer(socket, body)
    }
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
