import type { ServerResponse } from 'node:http'
import type { HangUpSignal } from '../budget/admission.ts'
import type { HeaderList } from './headers.ts'
import type { OwnAnswer } from './providerErrors.ts'

/** The agent's end of a call. */
export interface AgentSide {
  /** It hung up, or we did. */
  readonly isGone: boolean
  /** The status that it has got; null before. */
  readonly status: number | null
  /** Aborted when it hangs up. */
  readonly signal: HangUpSignal
  head(status: number, headers: HeaderList, isSentAtOnce: boolean): void
  /** False when it takes no more for now: `onDrain` tells when it does again. */
  write(chunk: Buffer): boolean
  end(): void
  answer(own: OwnAnswer): void
  /** Hangs up on it: what it has is not all. */
  cut(): void
  /** One listener each, for whatever is being waited for. */
  onGone: (() => void) | null
  onDrain: (() => void) | null
}

export function createAgentSide(response: ServerResponse): AgentSide {
  let isGone = false
  let isOver = false
  let status: number | null = null
  let waiting: Set<() => void> | null = null
  let hearsDrain = false

  response.on('close', () => {
    // A response that was written to its end closes too.
    if (isOver || isGone) return
    isGone = true
    for (const tell of waiting ?? []) tell()
    waiting = null
    side.onGone?.()
  })
  // Its 'close' follows; without a listener it would end the room.
  response.on('error', () => undefined)

  const side: AgentSide = {
    onGone: null,
    onDrain: null,
    get isGone() {
      return isGone
    },
    get status() {
      return status
    },
    signal: {
      get aborted() {
        return isGone
      },
      addEventListener: (_type, listener) => void (waiting ??= new Set()).add(listener),
      removeEventListener: (_type, listener) => void waiting?.delete(listener),
    },
    head(code, headers, isSentAtOnce) {
      if (isGone) return
      status = code
      // The upstream's own date, or none.
      response.sendDate = false
      response.writeHead(code, headers as string[])
      if (isSentAtOnce) response.flushHeaders()
    },
    write(chunk) {
      if (isGone) return true
      const isTaken = response.write(chunk)
      if (!isTaken && !hearsDrain) {
        hearsDrain = true
        response.on('drain', () => side.onDrain?.())
      }
      return isTaken
    },
    end() {
      isOver = true
      if (!isGone) response.end()
    },
    answer(own) {
      isOver = true
      if (isGone) return
      status = own.status
      response.writeHead(own.status, own.headers)
      response.end(own.body)
    },
    cut() {
      isOver = true
      response.destroy()
    },
  }
  return side
}
