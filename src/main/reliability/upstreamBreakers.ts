import type { AgentId } from '../../shared/domain/agent.ts'
import type { ServiceOutcome } from '../../shared/domain/service.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock } from '../ports.ts'
import { isAllowed, isProbe, retryAt } from './breaker.ts'
import type { BreakerBook, Entry } from './breakerBook.ts'
import { tellBlocked, waitOf } from './sentences.ts'

/** Whose upstream: of the room, or of one agent where its provider is simulated. */
export interface UpstreamTarget {
  readonly agentId: AgentId | null
  /** `openai`, `anthropic`. */
  readonly provider: string
  /** The host; `simulated` where there is none. */
  readonly host: string
}

export interface Blocked {
  readonly message: string
  readonly retryAfterMs: Millis
}

/** One attempt that was let through. It always ends. */
export interface Passage {
  /** The head of a good answer has come: enough for a probe. */
  answered(): void
  /** Only the first counts. */
  end(outcome: ServiceOutcome, detail?: string | null, retryAfterMs?: Millis | null): void
}

/** Breakers of the model providers, for the gateway. */
export interface UpstreamBreakers {
  /** Whether a call would be kept away now; counts nothing. */
  look(target: UpstreamTarget): Blocked | null
  /** The same for a call that has not tried yet: where it is kept away, that is counted. */
  turnAway(target: UpstreamTarget): Blocked | null
  begin(target: UpstreamTarget): Passage | Blocked
  /** Whether such a breaker is one of these. */
  owns(service: string, endpoint: string): boolean
}

export interface UpstreamBreakersOptions {
  readonly book: BreakerBook
  readonly clock: Clock
  readonly nextCallId: () => string
}

const PROVIDERS = ['openai', 'anthropic']
export const SIMULATED = 'simulated'

export function createUpstreamBreakers({ book, clock, nextCallId }: UpstreamBreakersOptions): UpstreamBreakers {
  const open = ({ agentId, provider, host }: UpstreamTarget): Entry => book.open(agentId, provider, host)

  function blocked({ service, endpoint, breaker }: Entry): Blocked {
    const now = clock.now()
    return { message: tellBlocked(service, endpoint, breaker, now), retryAfterMs: waitOf(breaker, now) }
  }

  function look({ agentId, provider, host }: UpstreamTarget): Blocked | null {
    const entry = book.find(agentId, provider, host)
    if (!entry || entry.breaker.phase.kind === 'closed') return null
    const moment = retryAt(entry.breaker)
    return moment === null || moment <= clock.now() ? null : blocked(entry)
  }

  function keepAway(entry: Entry): Blocked {
    book.apply(entry, { kind: 'served', at: clock.now(), tier: 'failed' })
    return blocked(entry)
  }

  return {
    owns: (service, endpoint) => endpoint === SIMULATED && PROVIDERS.includes(service),

    look,

    turnAway(target) {
      if (look(target) === null) return null
      const entry = open(target)
      book.apply(entry, { kind: 'begin', at: clock.now(), callId: nextCallId(), price: 0 })
      return keepAway(entry)
    },

    begin(target) {
      const entry = open(target)
      const callId = nextCallId()
      book.apply(entry, { kind: 'begin', at: clock.now(), callId, price: 0 })
      if (!isAllowed(entry.breaker, callId)) return keepAway(entry)
      let { epoch } = entry.breaker
      let hasEnded = false
      let hasAnswered = false
      const apply = (outcome: ServiceOutcome, detail: string | null, retryAfterMs: Millis | null): void =>
        book.apply(entry, { kind: 'end', at: clock.now(), callId, epoch, outcome, detail, retryAfterMs })
      return {
        answered() {
          if (hasEnded || hasAnswered || !isProbe(entry.breaker, callId)) return
          hasAnswered = true
          apply('ok', null, null)
          // A break in the middle counts for the breaker as it is from now on.
          epoch = entry.breaker.epoch
        },
        end(outcome, detail = null, retryAfterMs = null) {
          if (hasEnded) return
          hasEnded = true
          if (!hasAnswered || outcome === 'failed') apply(outcome, detail, retryAfterMs)
          if (outcome !== 'cancelled') book.apply(entry, { kind: 'served', at: clock.now(), tier: outcome === 'failed' ? 'failed' : 'primary' })
        },
      }
    },
  }
}
