import type { Provider } from '../../../shared/domain/provider.ts'
import type { JsonValue } from '../../../shared/errors.ts'

/** An answer as it will go out: whole, or a stream's events one by one. */
export interface Answer {
  readonly status: number
  readonly headers: readonly string[]
  /** Made as they are sent. */
  readonly chunks: Iterable<Buffer>
  /** How many pauses lie between them; 0 where they follow at once. */
  readonly pauses: number
  readonly isStream: boolean
  /** Set where the answer breaks off after its chunks. */
  readonly isCut?: boolean
}

/** By this one an answer can be told from a provider's. */
const MARK = ['x-iron-cage-simulated', 'true']

export function jsonAnswer(document: unknown, status = 200, extra: readonly string[] = []): Answer {
  return bodyAnswer(Buffer.from(JSON.stringify(document)), status, extra)
}

function bodyAnswer(body: Buffer, status: number, extra: readonly string[]): Answer {
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), ...MARK, ...extra]
  return { status, headers, chunks: [body], pauses: 0, isStream: false }
}

/** A body that is written piece by piece, for it may be large. */
export function longAnswer(pieces: Iterable<string>, extra: readonly string[] = []): Answer {
  return {
    status: 200,
    headers: ['content-type', 'application/json', ...MARK, ...extra],
    chunks: encoded(pieces),
    pauses: 0,
    isStream: false,
  }
}

function* encoded(pieces: Iterable<string>): Generator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece)
}

export interface StreamEvent {
  /** Left out where the stream's events have no names. */
  readonly name?: string
  readonly data: JsonValue | '[DONE]'
}

export function streamAnswer(events: readonly StreamEvent[], extra: readonly string[] = []): Answer {
  const chunks = events.map(({ name, data }) => {
    const text = data === '[DONE]' ? data : JSON.stringify(data)
    return Buffer.from(`${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`)
  })
  const headers = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache', ...MARK, ...extra]
  return { status: 200, headers, chunks, pauses: chunks.length - 1, isStream: true }
}

/** Half of what it would have been: a stream ends inside an event, a body inside itself. */
export function cutShort(answer: Answer): Answer {
  const chunks = [...answer.chunks]
  const whole = answer.isStream ? Math.max(1, Math.floor(chunks.length / 2)) : Math.floor(chunks.length / 2)
  const torn = chunks[whole] ?? chunks[chunks.length - 1]
  const kept = chunks.slice(0, whole)
  if (torn) kept.push(torn.subarray(0, Math.ceil(torn.length / 2)))
  return { ...answer, chunks: kept, pauses: kept.length - 1, isCut: true }
}

/** A 200 whose JSON nobody can read: the body's, or that of one event in the middle of a stream. */
export function malformed(answer: Answer): Answer {
  const chunks = [...answer.chunks]
  if (!answer.isStream) {
    const body = Buffer.concat(chunks)
    const broken = body.subarray(0, Math.max(1, body.length - 12))
    return { ...bodyAnswer(broken, answer.status, []), headers: withLength(answer.headers, broken.length) }
  }
  const middle = Math.floor(chunks.length / 2)
  const text = chunks[middle]?.toString().trimEnd() ?? ''
  chunks[middle] = Buffer.from(`${text.slice(0, Math.ceil(text.length * 0.7))}\n\n`)
  return { ...answer, chunks }
}

function withLength(headers: readonly string[], length: number): string[] {
  const kept = headers.flatMap((header, index) =>
    index % 2 === 0 && header !== 'content-length' ? [header, headers[index + 1] ?? ''] : [],
  )
  return [...kept, 'content-length', String(length)]
}

/** A request that the provider would not take, in the words that it uses for it. */
export interface Rejection {
  readonly message: string
  readonly param?: string
  readonly code?: string
  readonly status?: number
  readonly type?: string
}

/** Errors as the provider shapes them. */
export function errorAnswer(provider: Provider, requestId: string, rejection: Rejection, extra: readonly string[] = []): Answer {
  const { message, param = null, code = null, status = 400, type = 'invalid_request_error' } = rejection
  return provider === 'openai'
    ? jsonAnswer({ error: { message, type, param, code } }, status, ['x-request-id', requestId, ...extra])
    : jsonAnswer({ type: 'error', error: { type, message }, request_id: requestId }, status, ['request-id', requestId, ...extra])
}
