import type { ServiceOutcome, Tier } from '../../shared/domain/service.ts'
import type { BreakerPolicy } from '../../shared/domain/servicePolicy.ts'
import type { Millis, Nanodollars } from '../../shared/domain/units.ts'

export type Phase =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: Millis }
  /** Without a probe the next call is one; the lease says when it has failed by not coming back. */
  | { readonly kind: 'half-open'; readonly probe: Probe | null }

export interface Probe {
  readonly callId: string
  readonly until: Millis
}

/** A slice of the window of the failure rate. */
interface Slice {
  readonly from: Millis
  readonly calls: number
  readonly failures: number
}

/** All that is known of a breaker; plain JSON, and stored as it is. Made by `reduceBreaker` alone: log, panel and metrics read this. */
export interface Breaker {
  readonly phase: Phase
  /** Since when it is in this phase. */
  readonly since: Millis
  /** One more with each opening, closing and reset: what began in an earlier one moves this one no more. */
  readonly epoch: number
  /** When it opened, of the outage that lasts; null while closed. */
  readonly outageSince: Millis | null
  readonly failuresInARow: number
  /** What a Retry-After asked for since the last success. */
  readonly notBefore: Millis
  readonly window: readonly Slice[]
  readonly calls: number
  readonly failures: number
  readonly blocked: number
  readonly saved: Nanodollars
  readonly served: Readonly<Record<Tier, number>>
  readonly recoveries: number
  /** Without the phase that lasts. */
  readonly msIn: Readonly<Record<Phase['kind'], Millis>>
  /** Why it opened last. */
  readonly reason: string | null
}

export type BreakerEvent =
  | { readonly kind: 'begin'; readonly at: Millis; readonly callId: string; readonly price: Nanodollars }
  | {
      readonly kind: 'end'
      readonly at: Millis
      readonly callId: string
      /** Of the breaker when the call began. */
      readonly epoch: number
      readonly outcome: ServiceOutcome
      readonly detail: string | null
      readonly retryAfterMs: Millis | null
    }
  /** Who gave the answer. `instead` takes back what was counted before. */
  | { readonly kind: 'served'; readonly at: Millis; readonly tier: Tier; readonly instead?: Tier }
  /** Time goes by. */
  | { readonly kind: 'tick'; readonly at: Millis }
  /** Somebody closed it by hand. */
  | { readonly kind: 'reset'; readonly at: Millis }

const SLICES = 10
const LONGEST_DETAIL = 120

export function newBreaker(at: Millis): Breaker {
  return {
    phase: { kind: 'closed' },
    since: at,
    epoch: 0,
    outageSince: null,
    failuresInARow: 0,
    notBefore: 0,
    window: [],
    calls: 0,
    failures: 0,
    blocked: 0,
    saved: 0,
    served: { primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 },
    recoveries: 0,
    msIn: { closed: 0, open: 0, 'half-open': 0 },
    reason: null,
  }
}

/** What comes of a breaker by an event: whatever time has done to it first, then the event itself. */
export function reduceBreaker(breaker: Breaker, event: BreakerEvent, policy: BreakerPolicy): Breaker {
  const now = passTime(breaker, event.at, policy)
  switch (event.kind) {
    case 'tick':
      return now
    case 'begin':
      return begin(now, event, policy)
    case 'end':
      return end(now, event, policy)
    case 'served':
      return { ...now, served: counted(now.served, event.tier, event.instead) }
    case 'reset':
      return closed(now, now.since > event.at ? now.since : event.at, false)
  }
}

/** Whether a call that has just begun may go. */
export function isAllowed({ phase }: Breaker, callId: string): boolean {
  return phase.kind === 'closed' || (phase.kind === 'half-open' && phase.probe?.callId === callId)
}

export function isProbe({ phase }: Breaker, callId: string): boolean {
  return phase.kind === 'half-open' && phase.probe?.callId === callId
}

/** When time alone changes something. */
export function nextMoment({ phase }: Breaker): Millis | null {
  if (phase.kind === 'open') return phase.until
  return phase.kind === 'half-open' && phase.probe ? phase.probe.until : null
}

/** When a probe may go at the earliest; null while closed. */
export function retryAt({ phase, since }: Breaker): Millis | null {
  if (phase.kind === 'closed') return null
  return phase.kind === 'open' ? phase.until : (phase.probe?.until ?? since)
}

/** Where a room slept over several moments, they happen in order and at their own times. */
function passTime(given: Breaker, at: Millis, policy: BreakerPolicy): Breaker {
  let breaker = at < given.since ? setBack(given, at) : given
  for (;;) {
    const { phase } = breaker
    if (phase.kind === 'open' && phase.until <= at) breaker = { ...leave(breaker, phase.until), phase: { kind: 'half-open', probe: null } }
    else if (phase.kind === 'half-open' && phase.probe && phase.probe.until <= at) {
      const { until } = phase.probe
      const failed = { ...breaker, failures: breaker.failures + 1, failuresInARow: breaker.failuresInARow + 1 }
      breaker = opened(failed, until, policy, 'the call that tried it did not come back')
    } else return breaker
  }
}

/** The clock was set back: what lasts lasts as long as it would have, from now on. */
function setBack(breaker: Breaker, at: Millis): Breaker {
  const by = breaker.since - at
  const earlier = (moment: Millis): Millis => Math.max(0, moment - by)
  const { phase } = breaker
  return {
    ...breaker,
    since: at,
    outageSince: breaker.outageSince === null ? null : earlier(breaker.outageSince),
    notBefore: earlier(breaker.notBefore),
    window: [],
    phase:
      phase.kind === 'open'
        ? { ...phase, until: earlier(phase.until) }
        : phase.kind === 'half-open' && phase.probe
          ? { ...phase, probe: { ...phase.probe, until: earlier(phase.probe.until) } }
          : phase,
  }
}

function begin(breaker: Breaker, { at, callId, price }: BreakerEvent & { kind: 'begin' }, policy: BreakerPolicy): Breaker {
  const { phase } = breaker
  if (phase.kind === 'closed') return { ...breaker, calls: breaker.calls + 1 }
  if (phase.kind === 'half-open' && !phase.probe) {
    return { ...breaker, calls: breaker.calls + 1, phase: { kind: 'half-open', probe: { callId, until: at + policy.probeMs } } }
  }
  return { ...breaker, blocked: breaker.blocked + 1, saved: Math.min(Number.MAX_SAFE_INTEGER, breaker.saved + price) }
}

function end(breaker: Breaker, event: BreakerEvent & { kind: 'end' }, policy: BreakerPolicy): Breaker {
  const { at, callId, epoch, outcome, detail } = event
  const { phase } = breaker
  const wasProbe = isProbe(breaker, callId)
  const failed = outcome === 'failed' ? { ...breaker, failures: breaker.failures + 1 } : breaker
  // From before the breaker opened or closed the last time: counted, and no more.
  if (epoch !== breaker.epoch && !wasProbe) return phase.kind === 'open' && outcome === 'failed' ? heldOff(failed, event, policy) : failed
  if (phase.kind === 'closed') {
    if (outcome === 'ok') return { ...breaker, failuresInARow: 0, notBefore: 0, window: noted(breaker.window, at, false, policy) }
    return outcome === 'failed' ? afterFailure(failed, event, policy) : breaker
  }
  if (!wasProbe) return failed
  if (outcome === 'cancelled') return { ...breaker, phase: { kind: 'half-open', probe: null } }
  // Whoever says that the caller was wrong is there.
  if (outcome !== 'failed') return closed(breaker, at, true)
  const asked = { ...failed, failuresInARow: failed.failuresInARow + 1, notBefore: Math.max(failed.notBefore, askedFor(event, policy)) }
  return opened(asked, at, policy, `the call that tried it failed${inBrackets(detail)}`)
}

function afterFailure(breaker: Breaker, event: BreakerEvent & { kind: 'end' }, policy: BreakerPolicy): Breaker {
  const { at, detail } = event
  const failuresInARow = breaker.failuresInARow + 1
  const notBefore = Math.max(breaker.notBefore, askedFor(event, policy))
  const window = noted(breaker.window, at, true, policy)
  const next = { ...breaker, failuresInARow, notBefore, window }
  if (failuresInARow >= policy.failures) return opened(next, at, policy, `${callsOf(failuresInARow)} in a row${inBrackets(detail)}`)
  if (!policy.window) return next
  const calls = window.reduce((sum, slice) => sum + slice.calls, 0)
  const failures = window.reduce((sum, slice) => sum + slice.failures, 0)
  if (calls < policy.window.minimum || failures / calls < policy.window.share) return next
  return opened(next, at, policy, `${failures} of ${callsOf(calls)} within ${policy.window.overMs / 1_000} s${inBrackets(detail)}`)
}

function callsOf(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`
}

function inBrackets(detail: string | null): string {
  return detail === null || detail === '' ? '' : ` (${detail.slice(0, LONGEST_DETAIL)})`
}

function askedFor({ at, retryAfterMs }: BreakerEvent & { kind: 'end' }, policy: BreakerPolicy): Millis {
  return retryAfterMs === null ? 0 : at + Math.min(retryAfterMs, policy.longestCooldownMs)
}

/** A call that was under way when it opened brings the same word: no sooner than that. */
function heldOff(breaker: Breaker, event: BreakerEvent & { kind: 'end' }, policy: BreakerPolicy): Breaker {
  const { phase } = breaker
  const until = askedFor(event, policy)
  return phase.kind === 'open' && until > phase.until ? { ...breaker, phase: { kind: 'open', until } } : breaker
}

function opened(breaker: Breaker, at: Millis, policy: BreakerPolicy, reason: string): Breaker {
  const until = Math.max(at + policy.cooldownMs, breaker.notBefore)
  const left = leave(breaker, at)
  return { ...left, phase: { kind: 'open', until }, epoch: breaker.epoch + 1, outageSince: breaker.outageSince ?? at, notBefore: 0, window: [], reason }
}

function closed(breaker: Breaker, at: Millis, isRecovery: boolean): Breaker {
  return {
    ...leave(breaker, at),
    phase: { kind: 'closed' },
    epoch: breaker.epoch + 1,
    outageSince: null,
    failuresInARow: 0,
    notBefore: 0,
    window: [],
    recoveries: breaker.recoveries + (isRecovery ? 1 : 0),
  }
}

function leave(breaker: Breaker, at: Millis): Breaker {
  const { kind } = breaker.phase
  return { ...breaker, since: at, msIn: { ...breaker.msIn, [kind]: breaker.msIn[kind] + at - breaker.since } }
}

function noted(window: readonly Slice[], at: Millis, isFailure: boolean, policy: BreakerPolicy): readonly Slice[] {
  if (!policy.window) return window
  const length = Math.ceil(policy.window.overMs / SLICES)
  const from = at - (at % length)
  const kept = window.filter((slice) => slice.from > from - length * SLICES && slice.from <= from)
  const last = kept.at(-1)
  const failures = isFailure ? 1 : 0
  if (last?.from !== from) return [...kept, { from, calls: 1, failures }]
  return [...kept.slice(0, -1), { from, calls: last.calls + 1, failures: last.failures + failures }]
}

function counted(served: Breaker['served'], tier: Tier, instead: Tier | undefined): Breaker['served'] {
  if (instead === undefined) return { ...served, [tier]: served[tier] + 1 }
  return instead === tier ? served : { ...served, [tier]: served[tier] + 1, [instead]: Math.max(0, served[instead] - 1) }
}
