import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyReply } from 'fastify'
import { AppError, ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Nothing that the room tells is for a cache. */
const NO_STORE = { 'cache-control': 'no-store' }

export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.headers(NO_STORE).type(JSON_TYPE).send(JSON.stringify(value))
}

/** A text to be saved rather than shown: what stands in it may have come from anywhere. */
export function sendFile(reply: FastifyReply, text: string, type: string, name: string): FastifyReply {
  return reply.headers({ ...NO_STORE, 'content-disposition': `attachment; filename="${name}"` }).type(type).send(text)
}

/** The one shape of an error. The status is the code's own, unless HTTP has a finer word. */
export function sendError(reply: FastifyReply, error: AppError, status: number = ERROR_STATUS[error.code]): FastifyReply {
  if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer')
  return sendJson(reply.headers(SECURITY_HEADERS).code(status), { error: error.toBody() })
}

/** What HTTP itself found wrong with a request, in our words; null for what is no fault of the caller. */
export function faultOfRequest(problem: FastifyError): { error: AppError; status: number } | null {
  const status = problem.statusCode ?? 500
  if (status < 400 || status >= 500) return null
  const [code, message] = REQUEST_FAULTS[problem.code] ?? ['INVALID_INPUT', 'The request was not understood.']
  return { error: new AppError(code, message), status }
}

const REQUEST_FAULTS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['TOO_LARGE', 'The body is larger than this command takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['INVALID_INPUT', 'The body has to be JSON, with the content type application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['INVALID_INPUT', 'The body is not as long as its Content-Length says.'],
  FST_ERR_BAD_URL: ['INVALID_INPUT', 'The path of the request is badly encoded.'],
}

/** An answer on a bare socket: where HTTP was not understood, or an upgrade is refused. */
export function refuseOnSocket(socket: Duplex, error: AppError, status: number = ERROR_STATUS[error.code]): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify({ error: error.toBody() })
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    ...NO_STORE,
    'content-type': JSON_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.once('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy())
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Answers what Node's HTTP parser would not take. */
export function refuseUnreadable(problem: NodeJS.ErrnoException, socket: Duplex): void {
  if (problem.code === 'ECONNRESET' || socket.destroyed) {
    socket.destroy()
    return
  }
  const [status, sentence] = PARSER_FAULTS[problem.code ?? ''] ?? [400, 'That is no HTTP request that this room understands.']
  refuseOnSocket(socket, new AppError('INVALID_INPUT', sentence), status)
}

const PARSER_FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
}

/** The path alone: queries may carry what nobody else should read. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0]!
}
