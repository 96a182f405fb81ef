import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ServiceOutcome } from '../../shared/domain/service.ts'
import type { BreakerPolicy } from '../../shared/domain/servicePolicy.ts'
import { isAllowed, isProbe, newBreaker, nextMoment, reduceBreaker, retryAt, type Breaker } from './breaker.ts'

const RUNS = 500
const STEPS = 2_000
const START = 1_000_000
const LONGEST = 30_000

const policies: fc.Arbitrary<BreakerPolicy> = fc.record({
  failures: fc.integer({ min: 1, max: 8 }),
  cooldownMs: fc.integer({ min: 1, max: 20_000 }),
  longestCooldownMs: fc.constant(LONGEST),
  probeMs: fc.integer({ min: 1, max: 10_000 }),
  window: fc.option(
    fc.record({ share: fc.double({ min: 0.1, max: 1, noNaN: true }), minimum: fc.integer({ min: 1, max: 30 }), overMs: fc.integer({ min: 1_000, max: 60_000 }) }),
  ),
})

const OUTCOMES: readonly ServiceOutcome[] = ['ok', 'failed', 'failed', 'failed', 'callers-fault', 'cancelled']

interface OpenCall {
  readonly callId: string
  readonly epoch: number
}

/** What an agent might do next, of one number: nothing for a while, a call, the end of some call, something by hand. */
function play(policy: BreakerPolicy, steps: readonly number[], look: (breaker: Breaker, at: number) => void): { breaker: Breaker; at: number } {
  let breaker = newBreaker(START)
  let at = START
  let calls = 0
  let allowed = 0
  let blocked = 0
  const open: OpenCall[] = []
  for (const step of steps) {
    at += (step >>> 16) % 7 === 0 ? (step >>> 8) % 15_000 : (step >>> 8) % 40
    const what = step % 8
    if (what < 3) {
      const callId = `call ${calls++}`
      const before = reduceBreaker(breaker, { kind: 'tick', at }, policy)
      breaker = reduceBreaker(breaker, { kind: 'begin', at, callId, price: 5 }, policy)
      if (isAllowed(breaker, callId)) {
        allowed++
        open.push({ callId, epoch: breaker.epoch })
        // One place, and it was free.
        if (isProbe(breaker, callId)) expect(before.phase).toEqual({ kind: 'half-open', probe: null })
      } else blocked++
    } else if (what < 6 && open.length > 0) {
      const [call] = open.splice((step >>> 4) % open.length, 1) as [OpenCall]
      const outcome = OUTCOMES[(step >>> 6) % OUTCOMES.length] as ServiceOutcome
      const retryAfterMs = (step >>> 12) % 5 === 0 ? (step >>> 10) % (2 * LONGEST) : null
      breaker = reduceBreaker(breaker, { kind: 'end', at, ...call, outcome, detail: null, retryAfterMs }, policy)
    } else if (what === 7 && (step >>> 20) % 50 === 0) breaker = reduceBreaker(breaker, { kind: 'reset', at }, policy)
    else breaker = reduceBreaker(breaker, { kind: 'tick', at }, policy)
    look(breaker, at)
  }
  expect({ calls: breaker.calls, blocked: breaker.blocked, saved: breaker.saved }).toEqual({ calls: allowed, blocked, saved: blocked * 5 })
  return { breaker, at }
}

describe('a breaker over a million transitions', () => {
  it('is never stuck, has one probe at a time, and accounts for every millisecond', () => {
    let transitions = 0
    const seen = new Set<string>()
    fc.assert(
      fc.property(policies, fc.array(fc.nat(), { minLength: STEPS, maxLength: STEPS }), (policy, steps) => {
        transitions += steps.length
        const longest = Math.max(policy.cooldownMs, LONGEST)
        const { breaker, at } = play(policy, steps, ({ phase, since, msIn, failuresInARow }, now) => {
          seen.add(phase.kind)
          // Plain conditions: a million calls of expect would take a minute.
          const inAll = msIn.closed + msIn.open + msIn['half-open'] + now - since
          if (inAll !== now - START) throw new Error(`${inAll} ms are accounted for of ${now - START}`)
          if (phase.kind === 'open' && (phase.until <= now || phase.until > now + longest)) throw new Error(`open until ${phase.until} at ${now}`)
          if (phase.kind === 'half-open' && phase.probe && phase.probe.until <= now) throw new Error('a lease that ran out holds the place')
          if (phase.kind === 'closed' && failuresInARow >= policy.failures) throw new Error('it should have opened')
        })
        // However it stands in the end: left alone it lets one call through, and that call's success closes it.
        let last = breaker
        let now = at
        for (let moment = nextMoment(last); moment !== null; moment = nextMoment(last)) {
          now = moment
          last = reduceBreaker(last, { kind: 'tick', at: now }, policy)
        }
        expect(retryAt(last) ?? 0).toBeLessThanOrEqual(now)
        last = reduceBreaker(last, { kind: 'begin', at: now, callId: 'last', price: 0 }, policy)
        expect(isAllowed(last, 'last')).toBe(true)
        last = reduceBreaker(last, { kind: 'end', at: now, callId: 'last', epoch: last.epoch, outcome: 'ok', detail: null, retryAfterMs: null }, policy)
        expect(last.phase).toEqual({ kind: 'closed' })
      }),
      { numRuns: RUNS },
    )
    expect(transitions).toBeGreaterThanOrEqual(1_000_000)
    expect([...seen].sort()).toEqual(['closed', 'half-open', 'open'])
  }, 120_000)

  it('ends although the clock is set back', () => {
    fc.assert(
      fc.property(policies, fc.array(fc.nat(), { minLength: 200, maxLength: 200 }), fc.integer({ min: 1, max: START - 1 }), (policy, steps, back) => {
        const { breaker, at } = play(policy, steps, () => undefined)
        const now = at - Math.min(back, at)
        const after = reduceBreaker(breaker, { kind: 'tick', at: now }, policy)
        const moment = nextMoment(after)
        if (moment !== null) expect(moment - now).toBeLessThanOrEqual(2 * Math.max(policy.cooldownMs, policy.probeMs, LONGEST))
        expect(Math.min(...Object.values(after.msIn))).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 100 },
    )
  })
})
