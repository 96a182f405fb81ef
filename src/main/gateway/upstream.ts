import type { Provider } from '../../shared/domain/provider.ts'
import type { Endpoint } from '../../shared/domain/llm.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Run } from './run.ts'

/** One attempt at whoever answers: a provider over the network, or the simulated one. */
export interface UpstreamRequest {
  readonly run: Run
  readonly provider: Provider
  readonly endpoint: Endpoint
  readonly method: string
  /** Below the base URL, with its query: `/chat/completions`. */
  readonly path: string
  /** Names and values in turn, as they came, less what belongs to one hop. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
  /** The body as parsed; null where there is none. */
  readonly json: unknown
}

export interface UpstreamProblem {
  readonly kind: 'connection' | 'time-out' | 'cut'
  /** Whether the whole request was handed over, so that it may have been worked on. */
  readonly wasSent: boolean
  /** One sentence. */
  readonly message: string
}

/** Called in this order: head, data…, then end or problem; after `abort` nothing more. Never called before `send` has returned. */
export interface UpstreamListener {
  head(status: number, headers: readonly string[]): void
  data(chunk: Buffer): void
  end(): void
  problem(problem: UpstreamProblem): void
}

export interface UpstreamFlow {
  pause(): void
  resume(): void
  abort(): void
  /** Whether the whole request was handed over by now; where this is left out, it was. */
  wasSent?(): boolean
}

export interface Upstream {
  send(request: UpstreamRequest, listener: UpstreamListener): UpstreamFlow
  close(): Promise<void>
}

export interface UpstreamLimits {
  readonly connectMs: Millis
  /** Silence before the first byte, and between two. */
  readonly idleMs: Millis
}
