import { request } from 'undici'
import type { Millis } from '../../shared/domain/units.ts'
import { messageOf } from '../../shared/errors.ts'
import type { Clock, Timer } from '../ports.ts'
import { exportRequest, type OtlpSpan } from './otlp.ts'

/** Sends spans to a collector when there is time. Whoever adds one waits for nothing, and nothing is kept without end. */
export interface SpanExporter {
  add(span: OtlpSpan): void
  /** What is left is sent, if that is quick. */
  close(): Promise<void>
}

export interface SpanExporterOptions {
  readonly clock: Clock
  /** Null: nobody wants them. */
  readonly endpoint: () => string | null
  readonly service: { readonly version: string; readonly instance: string }
  /** Spans were lost: one sentence, with how many in all. */
  readonly onLost: (sentence: string) => void
  readonly limits?: Partial<ExporterLimits>
}

export interface ExporterLimits {
  readonly mostWaiting: number
  readonly mostAtOnce: number
  readonly everyMs: Millis
  readonly timeoutMs: Millis
  readonly closingMs: Millis
  /** Between tries at a collector that does not answer; the last one holds from then on. */
  readonly patienceMs: readonly Millis[]
}

const LIMITS: ExporterLimits = { mostWaiting: 2_048, mostAtOnce: 256, everyMs: 2_000, timeoutMs: 10_000, closingMs: 2_000, patienceMs: [1_000, 5_000, 30_000] }
/** A collector that is busy or away, says OTLP; anything else will not get better. */
const PASSING = new Set([408, 429, 502, 503, 504])

type Sent = { readonly outcome: 'taken' } | { readonly outcome: 'refused' | 'later'; readonly why: string }

export function createSpanExporter({ clock, endpoint, service, onLost, limits: changed }: SpanExporterOptions): SpanExporter {
  const limits = { ...LIMITS, ...changed }
  let waiting: OtlpSpan[] = []
  let timer: Timer | null = null
  let sending: Promise<void> | null = null
  let failures = 0
  let lost = 0
  let isClosing = false
  const closing = new AbortController()

  function lose(count: number, why: string): void {
    const before = lost
    lost += count
    // A collector that is away for days is a line for each power of two.
    if (Math.floor(Math.log2(lost)) > Math.floor(Math.log2(Math.max(1, before))) || before === 0) onLost(`${lost} spans did not reach the collector: ${why}.`)
  }

  function plan(delayMs: Millis): void {
    if (isClosing) return
    timer ??= clock.after(delayMs, () => {
      timer = null
      begin()
    })
  }

  function begin(): void {
    sending ??= sendAll().finally(() => {
      sending = null
      if (waiting.length > 0) plan(failures > 0 ? (limits.patienceMs[Math.min(failures, limits.patienceMs.length) - 1] ?? limits.everyMs) : limits.everyMs)
    })
  }

  /** All that waits, a batch at a time; a collector that does not take one is left alone for a while. */
  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const url = endpoint()
      if (url === null) {
        waiting = []
        return
      }
      const batch = waiting.slice(0, limits.mostAtOnce)
      const sent = await send(url, batch)
      if (sent.outcome === 'later') {
        failures++
        if (isClosing) lose(waiting.splice(0).length, sent.why)
        return
      }
      failures = 0
      waiting = waiting.slice(batch.length)
      if (sent.outcome === 'refused') lose(batch.length, sent.why)
    }
  }

  async function send(url: string, batch: readonly OtlpSpan[]): Promise<Sent> {
    try {
      const { statusCode, body } = await request(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'iron-cage' },
        body: exportRequest(batch, service),
        signal: closing.signal,
        headersTimeout: limits.timeoutMs,
        bodyTimeout: limits.timeoutMs,
        reset: true,
      })
      // Its status is all that counts.
      body.on('error', () => {}).destroy()
      if (statusCode >= 200 && statusCode < 300) return { outcome: 'taken' }
      return { outcome: PASSING.has(statusCode) ? 'later' : 'refused', why: `it answered with the status ${statusCode}` }
    } catch (problem) {
      return { outcome: 'later', why: messageOf(problem) }
    }
  }

  return {
    add(span) {
      if (isClosing) return
      if (waiting.length >= limits.mostWaiting) return lose(1, 'more were waiting than are kept')
      waiting.push(span)
      if (waiting.length >= limits.mostAtOnce && failures === 0) begin()
      else if (sending === null) plan(limits.everyMs)
    },
    async close() {
      isClosing = true
      timer?.cancel()
      timer = null
      const impatience = clock.after(limits.closingMs, () => closing.abort(new Error('the room was closing')))
      await sending
      begin()
      await sending
      impatience.cancel()
    },
  }
}
