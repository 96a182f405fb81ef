import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '../../../shared/errors.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock } from '../../ports.ts'

/** What a simulated service says, and how long it takes for it on a stage. */
export interface WorldAnswer {
  readonly status: number
  readonly body: unknown
  readonly delayMs: Millis
}

/** One of the services: what it says to a request below its prefix; null for a path that it does not know. */
export type WorldService = (request: { readonly path: string; readonly query: URLSearchParams; readonly key: string; readonly json: unknown }) => Promise<WorldAnswer | null>

/** The services that the demo's agent calls, on this machine's own address. */
export interface World {
  readonly port: number
  close(): Promise<void>
}

export interface WorldOptions {
  readonly clock: Clock
  /** 0: any that is free. */
  readonly port: number
  readonly services: Readonly<Record<string, WorldService>>
  /** By how much faster than on a stage; asked at each answer. */
  readonly factor: () => number
  readonly onDefect: (defect: unknown, where: string) => unknown
}

const LARGEST_REQUEST = 4 * 1024 * 1024

export async function openWorld({ clock, port, services, factor, onDefect }: WorldOptions): Promise<World> {
  const server = createServer((request, response) => {
    answer(request)
      .then(async ({ status, body, delayMs }) => {
        await pause(delayMs / factor())
        reply(response, status, body)
      })
      .catch((defect: unknown) => {
        onDefect(defect, 'the demo’s simulated services')
        reply(response, 500, { error: 'internal error' })
      })
  })

  function pause(lengthMs: number): Promise<void> {
    return lengthMs < 1 ? Promise.resolve() : new Promise((resolve) => void clock.after(Math.round(lengthMs), resolve))
  }

  async function answer(request: IncomingMessage): Promise<WorldAnswer> {
    if (!isOfAgent(request)) return { status: 421, body: { error: 'misdirected request' }, delayMs: 0 }
    const url = URL.parse(`http://127.0.0.1${request.url}`)
    if (!url) return { status: 404, body: { error: 'not found' }, delayMs: 0 }
    const [, prefix = '', ...rest] = url.pathname.split('/')
    const service = Object.hasOwn(services, prefix) ? services[prefix] : undefined
    const json = await readBody(request)
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    return (await service?.({ path: `/${rest.join('/')}`, query: url.searchParams, key, json })) ?? { status: 404, body: { error: 'not found' }, delayMs: 0 }
  }

  server.listen({ port, host: '127.0.0.1' })
  try {
    await once(server, 'listening')
  } catch (problem) {
    throw new AppError('UNAVAILABLE', `The demo's simulated services need port ${port} again, which is taken (${(problem as NodeJS.ErrnoException).code ?? 'unknown'}): end what uses it, or reset the demo and start it anew.`)
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Whoever comes by another name than this machine's address, or with a browser's marks, comes from a web page. */
function isOfAgent({ headers, socket }: IncomingMessage): boolean {
  return headers.host === `127.0.0.1:${socket.localPort}` && headers.origin === undefined && headers['sec-fetch-site'] === undefined
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > LARGEST_REQUEST) return null
    pieces.push(piece)
  }
  try {
    return pieces.length === 0 ? null : (JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown)
  } catch {
    return null
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
