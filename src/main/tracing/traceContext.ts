import type { HeaderList } from '../gateway/headers.ts'
import type { Random } from '../ports.ts'

/** Where a span stands: W3C Trace Context. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
  /** Of whoever called; null where it said nothing. */
  readonly parentSpanId: string | null
  /** Whoever began the trace decides whether it is recorded. */
  readonly isSampled: boolean
}

const HEADER = 'traceparent'
const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const NOTHING = /^0+$/

/** Goes on with the trace of a call's headers, or begins one: where they name none, more than one, or one that is none. */
export function contextOf(headers: HeaderList, random: Random): TraceContext {
  const spanId = random.hex(8)
  const parent = readTraceparent(headers)
  if (parent === null) return { traceId: random.hex(16), spanId, parentSpanId: null, isSampled: true }
  return { ...parent, spanId }
}

function readTraceparent(headers: HeaderList): Omit<TraceContext, 'spanId'> | null {
  const places = placesOf(headers)
  const match = places.length === 1 ? FORM.exec(headers[places[0]! + 1]!.trim()) : null
  if (!match) return null
  const [, version = '', traceId = '', parentSpanId = '', flags = '', rest] = match
  // Later versions may say more; this one may not.
  if (version === 'ff' || (version === '00' && rest !== undefined) || NOTHING.test(traceId) || NOTHING.test(parentSpanId)) return null
  return { traceId, parentSpanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** The same headers, in which our span is the parent of what comes after; a caller that sent none sends none. */
export function withContext(headers: HeaderList, { traceId, spanId, parentSpanId }: TraceContext): HeaderList {
  const [place] = placesOf(headers)
  if (parentSpanId === null || place === undefined) return headers
  return headers.with(place + 1, `00-${traceId}-${spanId}-01`)
}

function placesOf(headers: HeaderList): number[] {
  const places: number[] = []
  for (let place = 0; place + 1 < headers.length; place += 2) if (headers[place]!.toLowerCase() === HEADER) places.push(place)
  return places
}
