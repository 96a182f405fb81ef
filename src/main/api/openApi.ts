import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Caller } from '../../shared/domain/roles.ts'
import { AppError } from '../../shared/errors.ts'
import { watchConnections } from '../connections.ts'
import type { ControlRoom } from '../controlRoom.ts'
import type { Clock } from '../ports.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { addressesOf, type Addresses } from './addresses.ts'
import { describeApi } from './description.ts'
import { createGate, type Gate } from './gate.ts'
import { addLogin } from './login.ts'
import { readJson } from './readJson.ts'
import { createRefusalLog } from './refusalLog.ts'
import { faultOfRequest, pathOf, refuseOnSocket, refuseUnreadable, sendError, sendJson } from './replies.ts'
import { createRequestRate, REQUEST_RATE, type RequestRate } from './requestRate.ts'
import { addRestRoutes, methodsAt } from './restDoor.ts'
import { REST_PREFIX } from './restRoutes.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'
import { addSignIn } from './signIn.ts'
import { readStaticFiles, type StaticFiles } from './staticFiles.ts'
import { createWebSocketDoor, VIEWER_LIMITS, type ViewerLimits, type WebSocketDoor } from './webSocketDoor.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on the few routes that are open to all. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Answers without asking who calls; it tells nothing private. */
    isOpen?: boolean
    /** The command behind it. */
    command?: string
  }
}

/** Larger bodies are for commands that say so in the contract. */
const LARGEST_BODY_BYTES = 2_000_000
const REQUEST_MS = 60_000
/** How long requests under way have to finish when the door closes. */
const GRACE_MS = 2000
/** Those that are no WebSocket. */
const MOST_CONNECTIONS = 1_000

export interface ApiOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** Where the built renderer lies; null serves the API alone. */
  readonly rendererFolder: string | null
  readonly version: string
  /** Pages from elsewhere that may call with a bearer token, exactly as a browser names them. */
  readonly allowedOrigins?: readonly string[]
  readonly viewerLimits?: Partial<ViewerLimits>
  readonly mostConnections?: number
  readonly requestRate?: RequestRate
  readonly clock?: Clock
}

export interface Api {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Opens the REST door, the WebSocket door and the renderer's files on the loopback interface. */
export async function openApi(room: ControlRoom, options: ApiOptions): Promise<Api> {
  const clock = options.clock ?? systemClock
  const files = await readStaticFiles(options.rendererFolder)
  const app = createServer()
  const viewerLimits = { ...VIEWER_LIMITS, ...options.viewerLimits }
  const mostConnections = options.mostConnections ?? MOST_CONNECTIONS
  const connections = watchConnections(app.server, mostConnections, viewerLimits.mostConnections)
  const countRequest = createRequestRate(clock, options.requestRate ?? REQUEST_RATE)
  /** Known once the port is; nothing comes in before. */
  let door: { addresses: Addresses; gate: Gate; webSockets: WebSocketDoor } | null = null

  const toAppError = (problem: unknown, where: string): AppError => {
    if (problem instanceof AppError) return problem
    const incident = systemRandom.hex(4)
    room.log.write({
      level: 'ERROR',
      event: 'api.defect',
      msg: `Incident ${incident}: the API failed at ${where}.`,
      fields: { incident, error: problem instanceof Error ? (problem.stack ?? problem.message) : String(problem) },
    })
    return new AppError('INTERNAL', `Something went wrong inside the control room. The log has it as incident ${incident}.`, { incident })
  }

  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request, reply) => {
    if (!door) throw new AppError('UNAVAILABLE', 'The control room is still opening.')
    reply.headers(SECURITY_HEADERS)
    if (connections.isTooMany(request.raw.socket)) {
      reply.header('connection', 'close')
      throw new AppError('UNAVAILABLE', `There are ${mostConnections} connections already; this room takes no more.`)
    }
    await tellTurnedAway(request, () => door?.gate.examine(request.raw))
    const { origin } = request.headers
    if (origin !== undefined && door.addresses.foreignOrigins.has(origin)) {
      reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin' })
      if (request.method === 'OPTIONS') return reply.code(204).headers(PREFLIGHT_HEADERS).send()
    }
    const { gate } = door
    if (isOpen(request)) return
    await tellTurnedAway(request, async () => void (request.caller = await gate.authenticate(request.raw)))
    const waitMs = countRequest(request.caller!)
    if (waitMs > 0) {
      const waitSeconds = Math.ceil(waitMs / 1000)
      reply.header('retry-after', String(waitSeconds))
      throw new AppError('RATE_LIMITED', 'These are more requests than this room takes of one caller; go on more slowly.', { waitSeconds })
    }
  })

  /** Whom the gate lets in to no command. */
  async function tellTurnedAway(request: FastifyRequest, pass: () => unknown): Promise<void> {
    try {
      await pass()
    } catch (problem) {
      const { command } = request.routeOptions.config
      if (command !== undefined && problem instanceof AppError) await room.onTurnedAway(command, request.params, problem.message)
      throw problem
    }
  }

  app.setErrorHandler((problem: FastifyError, request, reply) => {
    const fault = problem instanceof AppError ? null : faultOfRequest(problem)
    if (fault) return sendError(reply, fault.error, fault.status)
    return sendError(reply, toAppError(problem, `${request.method} ${pathOf(request.raw)}`))
  })

  app.get('/api/health', { config: { isOpen: true } }, async (_request, reply) =>
    sendJson(reply, { status: 'ok', version: options.version }),
  )
  let description: ReturnType<typeof describeApi> | null = null
  app.get('/api/openapi.json', { config: { isOpen: true } }, async (_request, reply) => sendJson(reply, (description ??= describeApi(options.version))))
  const onRefusal = createRefusalLog(room.log, clock)
  addSignIn(app, { access: room.access, clock, onRefusal, addresses: () => door!.addresses })
  addLogin(app, { access: room.access, onRefusal, addresses: () => door!.addresses })
  addRestRoutes(app, room.router)
  addFilesAndTheRest(app, files)

  app.server.on('upgrade', (request, socket, head) => {
    if (door) door.webSockets.upgrade(request, socket, head)
    else refuseOnSocket(socket, new AppError('UNAVAILABLE', 'The control room is still opening.'))
  })

  const port = await listen(app, options.port)
  const addresses = addressesOf(port, options.allowedOrigins ?? [])
  const gate = createGate(room.access, addresses, onRefusal)
  const webSockets = createWebSocketDoor({
    router: room.router,
    gate,
    clock,
    limits: viewerLimits,
    toAppError,
    onDropped: (caller, sentence) =>
      room.log.write({ level: 'WARN', event: 'api.viewerDropped', msg: sentence, userId: caller.id }),
    onEnded: room.access.onEnded,
  })
  door = { addresses, gate, webSockets }

  const url = `http://127.0.0.1:${port}`
  room.publish({ url, port, viewers: webSockets.viewers })
  return { url, port, close: () => close(app, webSockets) }
}

const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
}

function createServer(): FastifyInstance {
  const app = Fastify({
    bodyLimit: LARGEST_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: {
      // Ours to refuse, in our words.
      requireHostHeader: false,
      // A client that only offers another protocol, such as h2c, gets its answer in this one.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    frameworkErrors: (problem, _request, reply) => {
      const fault = faultOfRequest(problem)
      void sendError(reply, fault?.error ?? new AppError('INVALID_INPUT', 'The request was not understood.'), fault?.status ?? 400)
    },
    clientErrorHandler: refuseUnreadable,
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, body: string | Buffer) =>
    body.length === 0 ? undefined : readJson(body.toString()),
  )
  return app
}

/** What no route takes: a file of the renderer, or a refusal. */
function addFilesAndTheRest(app: FastifyInstance, files: StaticFiles): void {
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.raw)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const file = isRead ? files.get(path) : undefined
    if (file) {
      reply.headers({ 'cache-control': file.cacheControl, etag: file.etag })
      if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
      return reply.type(file.type).send(file.content)
    }
    if (isRead && path === '/') {
      return reply.code(503).type('text/plain; charset=utf-8').send(`The control room runs, but its page is not built: ${HOW_TO_BUILD}\n`)
    }
    const methods = methodsAt(path)
    if (methods.length === 0) return sendError(reply, new AppError('NOT_FOUND', 'There is nothing at this address.'))
    return sendError(
      reply.header('allow', methods.join(', ')),
      new AppError('NOT_FOUND', `This address takes ${methods.join(' and ')}, not ${request.method}.`),
      405,
    )
  })
}

const HOW_TO_BUILD = 'run "npm run build" in its folder and start it again.'

function isOpen(request: FastifyRequest): boolean {
  return request.routeOptions.config.isOpen === true || (request.is404 && !pathOf(request.raw).startsWith(`${REST_PREFIX}/`))
}

async function listen(app: FastifyInstance, port: number): Promise<number> {
  try {
    await app.listen({ host: '127.0.0.1', port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new AppError('CONFLICT', `Port ${port} is in use. Give another one, or 0 for any that is free.`)
    if (code === 'EACCES') throw new AppError('CONFLICT', `Port ${port} is not ours to open. Give one above 1023, or 0 for any that is free.`)
    throw error
  }
  return (app.server.address() as AddressInfo).port
}

async function close(app: FastifyInstance, webSockets: WebSocketDoor): Promise<void> {
  const impatience = setTimeout(() => app.server.closeAllConnections(), GRACE_MS)
  await Promise.all([webSockets.close(), app.close()])
  clearTimeout(impatience)
}
