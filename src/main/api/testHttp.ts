import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

export interface Ask {
  readonly method?: string
  /** As they go over the wire: a forged `host` or `origin` included, and `host: null` sends none. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** An object goes as JSON. */
  readonly body?: unknown
}

/** One request on a connection of its own; nothing is added, followed or decoded. */
export async function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  const all: Record<string, string | null> = {
    host: `127.0.0.1:${port}`,
    ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
    ...headers,
  }
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    setHost: false,
    headers: Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null)),
  })
  outgoing.end(payload ?? undefined)
  const [incoming] = await once(outgoing, 'response')
  return { status: incoming.statusCode, headers: incoming.headers, text: await text(incoming) }
}

/** Sends bytes as they are and reads until the other side hangs up. */
export async function askRaw(port: number, bytes: string): Promise<Answer> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  const [head = '', ...rest] = (await text(socket)).split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(lines.map((line) => line.split(': ', 2)).map(([name, value]) => [name!.toLowerCase(), value])),
    text: rest.join('\r\n\r\n'),
  }
}
