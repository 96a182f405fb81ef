import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Provider } from '../../shared/domain/provider.ts'
import { watchConnections } from '../connections.ts'
import type { Log } from '../telemetry/log.ts'
import { createCallIds } from './callIds.ts'
import { openCall, type CallServices, type OpenCall } from './callLife.ts'
import { createRequestGuard } from './guard/requestGuard.ts'
import { readRequestHeaders } from './headers.ts'
import { ownAnswer, type OwnRefusal } from './providerErrors.ts'
import type { RetryRules } from './retryRule.ts'
import { readRoute } from './route.ts'
import type { FindRun } from './run.ts'
import { createRunningEstimates } from './runningEstimates.ts'

export interface GatewayOptions extends Omit<CallServices, 'retry' | 'mostBodyBytes' | 'running' | 'nextCallId' | 'requestGuard'> {
  readonly findRun: FindRun
  readonly log: Log
  readonly limits?: Partial<GatewayLimits>
}

export interface GatewayLimits {
  readonly retry: RetryRules
  readonly mostBodyBytes: number
  /** Of one run, those that wait for somebody's decision included. */
  readonly mostCallsAtOnce: number
  /** Of all agents, and of whoever else comes. */
  readonly mostConnections: number
}

/** Where agents' LLM calls come in. */
export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Hangs up on whoever still calls, settles every call, and closes the door. Safe to call twice. */
  close(): Promise<void>
}

export const GATEWAY_LIMITS: GatewayLimits = {
  retry: { attempts: 3, firstDelayMs: 500, longestDelayMs: 8_000, longestAskedMs: 60_000 },
  mostBodyBytes: 64 * 1024 * 1024,
  mostCallsAtOnce: 1_000,
  mostConnections: 5_000,
}

const ESTIMATE_EVERY_MS = 300
/** Longer than clients keep an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000
const MOST_HEADER_BYTES = 64 * 1024

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { findRun, log, limits } = options
  const running = createRunningEstimates(options.clock, ESTIMATE_EVERY_MS)
  const requestGuard = createRequestGuard(options)
  const services: CallServices = { ...options, ...GATEWAY_LIMITS, ...limits, running, requestGuard, nextCallId: createCallIds(options.random) }
  const { mostCallsAtOnce, mostConnections } = { ...GATEWAY_LIMITS, ...limits }
  const open = new Set<OpenCall>()
  const underWay = new Map<string, number>()
  let hosts: readonly string[] = []
  let isClosing = false
  let strangers = 0

  function turnAway(response: ServerResponse, provider: Provider, refusal: OwnRefusal, message: string): void {
    const { status, headers, body } = ownAnswer(provider, refusal, message)
    response.writeHead(status, headers)
    response.end(body)
  }

  function strange(what: string): void {
    strangers++
    // A flood of them is one line for each power of two.
    if ((strangers & (strangers - 1)) !== 0) return
    log.write({ level: 'WARN', event: 'gateway.stranger', msg: `The gateway turned a stranger away: ${what} (${strangers} in all).` })
  }

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? ''
    const route = readRoute(request.method ?? '', url)
    const provider = route?.provider ?? 'openai'
    if (connections.isTooMany(request.socket)) {
      response.setHeader('connection', 'close')
      strange('it came when there were enough connections')
      return turnAway(response, provider, 'full', `There are ${mostConnections.toLocaleString('en')} connections to the gateway already; it takes no more.`)
    }
    const headers = readRequestHeaders(request.rawHeaders)
    if (headers.host === null || !hosts.includes(headers.host.toLowerCase())) {
      strange('it called this machine by another name')
      return turnAway(response, provider, 'foreign', 'The gateway answers to 127.0.0.1 and localhost only.')
    }
    if (headers.isOfPage) {
      strange('it came from a web page')
      return turnAway(response, provider, 'foreign', 'The gateway answers to agents, not to web pages.')
    }
    const run = route && findRun(route.token)
    if (!route || !run) {
      strange(route ? 'its token belongs to no run' : 'it named no run')
      const message = 'This address belongs to no running agent: use the base URL that the agent was started with.'
      return turnAway(response, provider, 'unknown-token', message)
    }
    if (isClosing) return turnAway(response, provider, 'closing', 'The control room is closing.')
    const others = underWay.get(route.token) ?? 0
    if (others >= mostCallsAtOnce) {
      return turnAway(response, provider, 'crowded', `An agent may have ${mostCallsAtOnce.toLocaleString('en')} calls under way at most; wait until one of them is answered.`)
    }
    const call = openCall(services, { run, route, headers, request, response })
    open.add(call)
    underWay.set(route.token, others + 1)
    void call.over.then(() => {
      open.delete(call)
      leave(route.token)
    })
  }

  function leave(token: string): void {
    const left = (underWay.get(token) ?? 1) - 1
    if (left > 0) underWay.set(token, left)
    else underWay.delete(token)
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MOST_HEADER_BYTES }, receive)
  const connections = watchConnections(server, mostConnections)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`]

  async function close(): Promise<void> {
    isClosing = true
    const isClosed = new Promise((resolve) => server.close(resolve))
    const calls = [...open]
    for (const call of calls) call.hangUp()
    await Promise.all(calls.map(({ over }) => over))
    server.closeAllConnections()
    running.close()
    await isClosed
  }

  let closing: Promise<void> | null = null
  return { url: `http://127.0.0.1:${port}`, close: () => (closing ??= close()) }
}
