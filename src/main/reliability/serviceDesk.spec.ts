import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useTestFolders } from '../state/testFolder.ts'
import { AGENT, openTestServices, TARGET, type TestServices, type TestServicesOptions } from './testServices.ts'

const folders = useTestFolders()
let dataFolder: string
let test: TestServices

async function open(options: Partial<TestServicesOptions> = {}): Promise<void> {
  test = await openTestServices({ dataFolder, ...options })
  await test.launch()
}

beforeEach(async () => {
  dataFolder = folders.make()
  await open()
})
afterEach(async () => {
  expect(test.defects).toEqual([])
  await test.close()
})

const end = (callId: string, outcome: 'ok' | 'failed' | 'callers-fault' | 'cancelled', more: { value?: string; detail?: string; retryAfterMs?: number } = {}) =>
  test.desk.end({ agentId: AGENT, callId, outcome, detail: more.detail ?? null, retryAfterMs: more.retryAfterMs ?? null, ...(more.value === undefined ? {} : { value: more.value }) }).instead
const begin = (changes: Partial<typeof TARGET> = {}) => test.desk.begin({ ...TARGET, ...changes })

describe('a service that fails five times', () => {
  it('is left alone for a minute, then tried with one call, and closed when that succeeds', async () => {
    const start = test.clock.now()
    expect(test.fail(5, '429')).toEqual(Array.from({ length: 5 }, () => 'call'))
    expect(test.view()).toMatchObject({ state: 'open', since: start, retryAt: start + 60_000, failuresInARow: 5, calls: 5, failures: 5, reason: '5 calls in a row (429)' })

    test.clock.advance(12_345)
    const blocked = begin()
    expect(blocked).toMatchObject({ do: 'refused', isProbe: false, instead: null, retryAfterMs: 47_655, reason: 'linkedin is failing: 5 calls in a row (429). It is tried again in 48 s.' })

    test.clock.advance(47_654)
    expect(test.view().state).toBe('open')
    test.clock.advance(1)
    expect(test.view()).toMatchObject({ state: 'half-open', since: start + 60_000, retryAt: start + 60_000 })
    const probe = begin()
    expect(probe).toMatchObject({ do: 'call', isProbe: true })
    expect(begin()).toMatchObject({ do: 'refused', retryAfterMs: 30_000, reason: 'linkedin is being tried with one call; the others wait until that has come back.' })
    test.clock.advance(250)
    end(probe.callId, 'ok')
    test.clock.advance(4_750)
    expect(test.view()).toMatchObject({
      state: 'closed',
      since: start + 60_250,
      retryAt: null,
      failuresInARow: 0,
      calls: 6,
      failures: 5,
      blocked: 2,
      recoveries: 1,
      msIn: { closed: 4_750, open: 60_000, 'half-open': 250 },
      served: { primary: 1, cached: 0, placeholder: 0, custom: 0, failed: 7 },
    })
    await test.settled()
    expect(test.sentences()).toEqual([
      'linkedin is failing: 5 calls in a row (429). Its calls are kept away for 60 s.',
      'linkedin is tried again with one call.',
      'linkedin works again after 1 min.',
    ])
    expect(test.heard('service.opened')).toMatchObject([{ severity: 'WARN', agentId: AGENT, payload: { service: { state: 'open', service: 'linkedin' } } }])
  })

  it('and fails the one call is left alone again', async () => {
    test.fail(5)
    test.clock.advance(60_000)
    const probe = begin()
    end(probe.callId, 'failed', { detail: '502' })
    expect(test.view()).toMatchObject({ state: 'open', retryAt: test.clock.now() + 60_000, reason: 'the call that tried it failed (502)' })
    await test.settled()
    expect(test.sentences().at(-1)).toBe('linkedin is still failing: the call that tried it failed (502). Its calls are kept away for 60 s.')
  })

  it('is not what one is whose failures are not in a row', () => {
    for (let round = 0; round < 5; round++) {
      test.fail(4)
      end(begin().callId, 'ok')
    }
    expect(test.view()).toMatchObject({ state: 'closed', failures: 20, failuresInARow: 0 })
  })

  it('is none where the caller was wrong, or went away', () => {
    for (let i = 0; i < 20; i++) end(begin().callId, i % 2 === 0 ? 'callers-fault' : 'cancelled')
    expect(test.view()).toMatchObject({ state: 'closed', calls: 20, failures: 0, served: { primary: 10 } })
  })

  it('is judged anew after that: what began before is counted, and moves nothing', () => {
    const slow = Array.from({ length: 5 }, () => begin().callId)
    test.fail(5)
    test.clock.advance(60_000)
    end(begin().callId, 'ok')
    for (const callId of slow) end(callId, 'failed')
    expect(test.view()).toMatchObject({ state: 'closed', failuresInARow: 0, failures: 10 })
  })

  it('waits longer where a call that was under way brings a longer Retry-After', () => {
    const slow = begin().callId
    test.fail(5)
    end(slow, 'failed', { retryAfterMs: 90_000 })
    expect(test.view()).toMatchObject({ state: 'open', retryAt: test.clock.now() + 90_000 })
  })

  it('opens nobody else’s breaker, and no other endpoint’s', async () => {
    await test.launch({}, { id: 'lg-00000002' })
    test.fail(5)
    expect(begin({ endpoint: '/v2/people' }).do).toBe('call')
    expect(begin({ agentId: 'lg-00000002' }).do).toBe('call')
    expect(begin().do).toBe('refused')
  })
})

describe('a service that hangs', () => {
  it('frees the place of the probe when its lease is over, counted as a failure', async () => {
    test.fail(5)
    test.clock.advance(60_000)
    const probe = begin()
    const at = test.clock.now()
    test.clock.advance(29_999)
    expect(test.view()).toMatchObject({ state: 'half-open', retryAt: at + 30_000 })
    test.clock.advance(1)
    expect(test.view()).toMatchObject({ state: 'open', since: at + 30_000, retryAt: at + 90_000, failures: 6, reason: 'the call that tried it did not come back' })
    test.clock.advance(60_000)
    expect(begin()).toMatchObject({ do: 'call', isProbe: true })
    // It is too late to say anything now.
    expect(end(probe.callId, 'ok')).toBeNull()
    expect(test.view().state).toBe('half-open')
  })

  it('opens by the calls that do not come back', () => {
    for (let i = 0; i < 5; i++) begin()
    test.clock.advance(599_999)
    expect(test.view()).toMatchObject({ state: 'closed', failures: 0 })
    test.clock.advance(1)
    expect(test.view()).toMatchObject({ state: 'open', failures: 5, reason: '5 calls in a row (it did not come back)' })
  })

  it('is told of each call at its own time', () => {
    begin()
    test.clock.advance(1_000)
    begin()
    test.clock.advance(599_000)
    expect(test.view().failures).toBe(1)
    test.clock.advance(1_000)
    expect(test.view().failures).toBe(2)
  })

  it('is not what one is whose callers’ process has ended', async () => {
    test.fail(5)
    test.clock.advance(60_000)
    begin()
    await test.launch({}, { status: 'crashed' })
    expect(test.view()).toMatchObject({ state: 'half-open', failures: 5 })
    await test.launch()
    expect(begin()).toMatchObject({ do: 'call', isProbe: true })
  })
})

describe('a service that asks for patience', () => {
  it('gets it where that is longer than the cooldown, and no longer than the longest', () => {
    test.fail(4)
    test.fail(1, '429', 90_000)
    expect(test.view().retryAt).toBe(test.clock.now() + 90_000)
    test.desk.reset(AGENT, 'linkedin', '')
    test.fail(5, '429', 7_000)
    expect(test.view().retryAt).toBe(test.clock.now() + 60_000)
    test.desk.reset(AGENT, 'linkedin', '')
    test.fail(5, '429', 7 * 86_400_000)
    expect(test.view().retryAt).toBe(test.clock.now() + 3_600_000)
  })
})

describe('every number', () => {
  it('can be set in code, and the agent’s file outranks it', async () => {
    await test.launch({ services: [{ name: 'linkedin', breaker: { cooldownMs: 5_000 }, hosts: ['api.linkedin.com'] }] })
    const policy = test.desk.declare(AGENT, { name: 'linkedin', breaker: { failures: 2, cooldownMs: 1_000, probeMs: 300 }, hosts: ['other.test'] })
    expect(policy).toMatchObject({ hosts: ['api.linkedin.com'], breaker: { failures: 2, cooldownMs: 5_000, probeMs: 300 } })
    expect(test.desk.plan(AGENT)).toEqual([policy])
    test.fail(2)
    expect(test.view().retryAt).toBe(test.clock.now() + 5_000)
    test.clock.advance(5_000)
    begin()
    test.clock.advance(300)
    expect(test.view()).toMatchObject({ state: 'open', retryAt: test.clock.now() + 5_000 })
  })

  it('of a window opens where a share of enough calls fails', () => {
    test.desk.declare(AGENT, { name: 'linkedin', breaker: { failures: 100, window: { share: 0.5, minimum: 10, overMs: 60_000 } } })
    for (let i = 0; i < 4; i++) {
      end(begin().callId, 'ok')
      test.fail(1)
    }
    end(begin().callId, 'ok')
    expect(test.view().state).toBe('closed')
    test.fail(1)
    expect(test.view()).toMatchObject({ state: 'open', reason: '5 of 10 calls within 60 s (503)' })
  })

  it('of a window forgets what is older', () => {
    test.desk.declare(AGENT, { name: 'linkedin', breaker: { failures: 100, window: { share: 0.5, minimum: 10, overMs: 60_000 } } })
    test.fail(9)
    test.clock.advance(66_000)
    test.fail(1)
    expect(test.view().state).toBe('closed')
  })
})

describe('in the place of a service that does not answer', () => {
  const tiers = { name: 'linkedin', fallback: ['cached' as const, 'placeholder' as const], placeholder: { name: 'unknown' }, pricePerCall: 100_000_000 }

  it('comes what it answered to the same question, else the placeholder, each with its tier', async () => {
    await test.launch({ services: [tiers] })
    end(begin({ key: { b: 1, a: [2] } as never }).callId, 'ok', { value: 'Ada' })
    test.clock.advance(1_000)
    expect(end(begin({ key: { a: [2], b: 1 } as never }).callId, 'failed')).toEqual({ tier: 'cached', value: 'Ada', ageMs: 1_000 })
    expect(end(begin({ key: { a: [3], b: 1 } as never }).callId, 'failed')).toEqual({ tier: 'placeholder', value: { name: 'unknown' }, ageMs: null })
    test.fail(3)
    expect(begin({ key: { b: 1, a: [2] } as never })).toMatchObject({ do: 'use', instead: { tier: 'cached', value: 'Ada' }, retryAfterMs: 60_000 })
    expect(begin()).toMatchObject({ do: 'use', instead: { tier: 'placeholder' } })
    expect(test.view()).toMatchObject({
      blocked: 2,
      saved: 200_000_000,
      served: { primary: 1, cached: 2, placeholder: 5, failed: 0 },
      formatted: { blocked: '2 leads', saved: '$0.20 saved', viaFallback: '100% via fallback' },
    })
  })

  it('comes nothing that is older than it may be', async () => {
    await test.launch({ services: [{ ...tiers, fallback: ['cached'], cache: { staleMs: 10_000 } }] })
    end(begin().callId, 'ok', { value: 'Ada' })
    test.clock.advance(10_000)
    expect(end(begin().callId, 'failed')).toMatchObject({ value: 'Ada' })
    test.clock.advance(1)
    expect(end(begin().callId, 'failed')).toBeNull()
  })

  it('comes a fresh answer without a call at all', async () => {
    await test.launch({ services: [{ name: 'linkedin', cache: { freshMs: 5_000 } }] })
    end(begin().callId, 'ok', { value: 'Ada' })
    test.clock.advance(4_999)
    expect(begin()).toMatchObject({ do: 'use', instead: { tier: 'cached', value: 'Ada', ageMs: 4_999 } })
    test.clock.advance(1)
    expect(begin().do).toBe('call')
    expect(test.view()).toMatchObject({ calls: 2, served: { primary: 1, cached: 1 } })
  })

  it('the agent may answer itself, which is counted once', () => {
    test.fail(5)
    const { callId } = begin()
    test.desk.served(AGENT, callId, 'custom')
    test.desk.served(AGENT, callId, 'custom')
    test.desk.served('lg-00000002', begin().callId, 'custom')
    expect(test.view()).toMatchObject({ served: { custom: 1, failed: 6 }, formatted: { viaFallback: '14% via fallback' } })
  })

  it('comes only what this script was answered in this environment', async () => {
    const other = 'lg-00000002'
    await test.launch({ services: [tiers], environment: 'staging' })
    end(begin().callId, 'ok', { value: 'of staging' })
    await test.launch({ services: [tiers], environment: 'production' }, { id: other })
    const elsewhere = test.desk.begin({ ...TARGET, agentId: other })
    expect(test.desk.end({ agentId: other, callId: elsewhere.callId, outcome: 'failed', detail: null, retryAfterMs: null }).instead).toMatchObject({ tier: 'placeholder' })
    await test.launch({ services: [tiers], environment: 'staging' }, { id: other })
    const again = test.desk.begin({ ...TARGET, agentId: other })
    expect(test.desk.end({ agentId: other, callId: again.callId, outcome: 'failed', detail: null, retryAfterMs: null }).instead).toMatchObject({ tier: 'cached', value: 'of staging' })
  })

  it('comes an answer from before a restart, and not in the clear', async () => {
    await test.launch({ services: [tiers] })
    end(begin({ key: 'grace@example.test' as never }).callId, 'ok', { value: 'invented secret' })
    end(begin().callId, 'ok', { value: 'ada@example.test' })
    const onDisk = readdirSync(dataFolder).map((name) => readFileSync(join(dataFolder, name)).toString('latin1')).join('')
    expect(['ada@example.test', 'grace@example.test', 'invented secret', 'service_answers'].map((text) => onDisk.includes(text))).toEqual([false, false, false, true])
    await test.close()
    await open()
    await test.launch({ services: [tiers] })
    expect(end(begin().callId, 'failed')).toMatchObject({ tier: 'cached', value: 'ada@example.test' })
    await test.close()
    await open({ key: () => null })
    await test.launch({ services: [tiers] })
    expect(end(begin().callId, 'failed')).toMatchObject({ tier: 'placeholder' })
  })

  it('comes an answer from memory where there is no master key, and only so many are kept', async () => {
    await test.close()
    await open({ key: () => null })
    await test.launch({ services: [{ ...tiers, cache: { mostEntries: 2 } }] })
    for (const key of ['a', 'b', 'c']) end(begin({ key: key as never }).callId, 'ok', { value: key })
    const answers = ['a', 'b', 'c'].map((key) => end(begin({ key: key as never }).callId, 'failed')?.tier)
    expect(answers).toEqual(['placeholder', 'cached', 'cached'])
  })
})

describe('a call that asks more than once', () => {
  const kept = { name: 'linkedin', fallback: ['cached' as const], pricePerCall: 100_000_000 }

  /** As the SDK asks: anew after each failure while attempts are left, until the service answers or somebody does in its place. */
  function call(attempts: number, answers: (isProbe: boolean) => boolean): { asked: number; tier: string } {
    for (let asked = 1; ; asked++) {
      const verdict = begin()
      if (verdict.do !== 'call') return { asked: asked - 1, tier: verdict.instead?.tier ?? 'failed' }
      if (answers(verdict.isProbe)) {
        end(verdict.callId, 'ok', { value: 'Ada' })
        return { asked, tier: 'primary' }
      }
      const again = asked < attempts
      const { instead, isOpen } = test.desk.end({ agentId: AGENT, callId: verdict.callId, outcome: 'failed', detail: '429', retryAfterMs: null, again })
      if (!again) return { asked, tier: instead?.tier ?? 'failed' }
      expect([instead, isOpen]).toEqual([null, test.view().state === 'open'])
    }
  }

  it('counts each failure, and is served once', async () => {
    await test.launch({ services: [kept] })
    let asked = 0
    expect(call(5, () => ++asked === 3)).toEqual({ asked: 3, tier: 'primary' })
    expect(test.view()).toMatchObject({ state: 'closed', calls: 3, failures: 2, failuresInARow: 0, blocked: 0, served: { primary: 1, cached: 0, failed: 0 } })
  })

  it('is kept away at most once, and served exactly once, through an outage whose probes fail', async () => {
    await test.launch({ services: [kept] })
    for (let lead = 1; lead <= 33; lead++) expect(call(5, () => true).tier).toBe('primary')
    expect(call(5, () => false)).toEqual({ asked: 5, tier: 'cached' })
    expect(test.view()).toMatchObject({ state: 'open', failures: 5, blocked: 0, served: { primary: 33, cached: 1 } })
    let probes = 0
    for (let lead = 35; lead <= 100; lead++) {
      if (lead % 7 === 0) test.clock.advance(60_000)
      const { asked, tier } = call(5, (isProbe) => {
        expect(isProbe).toBe(true)
        return false
      })
      expect([asked, tier]).toEqual([lead % 7 === 0 ? 1 : 0, 'cached'])
      probes += asked
    }
    expect(probes).toBe(10)
    expect(test.view()).toMatchObject({
      state: 'open',
      calls: 48,
      failures: 15,
      blocked: 66,
      saved: 6_600_000_000,
      served: { primary: 33, cached: 67, placeholder: 0, custom: 0, failed: 0 },
      formatted: { blocked: '66 leads', saved: '$6.60 saved' },
    })
  })

  it('falls back where another call opened the breaker in between', async () => {
    await test.launch({ services: [kept] })
    let asked = 0
    const answered = call(5, () => {
      if (++asked === 1) test.fail(5)
      return false
    })
    expect(answered).toEqual({ asked: 1, tier: 'failed' })
    expect(test.view()).toMatchObject({ state: 'open', calls: 6, failures: 6, blocked: 1, served: { primary: 0, failed: 6 } })
  })

  it('leaves no attempt for the agent to answer itself, but the last', () => {
    const { callId } = begin()
    test.desk.end({ agentId: AGENT, callId, outcome: 'failed', detail: null, retryAfterMs: null, again: true })
    test.desk.served(AGENT, callId, 'custom')
    const last = begin().callId
    end(last, 'failed')
    test.desk.served(AGENT, last, 'custom')
    expect(test.view()).toMatchObject({ calls: 2, failures: 2, served: { custom: 1, failed: 0 } })
  })

  it('says so of failures alone', () => {
    test.desk.end({ agentId: AGENT, callId: begin().callId, outcome: 'ok', detail: null, retryAfterMs: null, again: true })
    test.desk.end({ agentId: AGENT, callId: begin().callId, outcome: 'callers-fault', detail: null, retryAfterMs: null, again: true })
    expect(test.view()).toMatchObject({ calls: 2, failures: 0, served: { primary: 2 } })
  })
})

describe('an answer that was kept earlier', () => {
  const week = 7 * 86_400_000
  const earlier = { service: 'linkedin', key: { name: 'Ada Sample', company: 'Acme' }, value: { headline: 'kept' }, ageMs: week }
  const plan = { services: [{ name: 'linkedin', fallback: ['cached' as const], cache: { staleMs: 2 * week } }] }
  const ask = (key: object) => end(begin({ key: key as never }).callId, 'failed')

  it.each([['sealed on disk', undefined], ['in memory', () => null]])('is given as the service’s own, as old as it is: %s', async (_where, key) => {
    await test.close()
    await open(key === undefined ? {} : { key })
    await test.launch(plan)
    test.desk.keep(AGENT, earlier)
    expect(test.desk.list()).toMatchObject([{ calls: 0, served: { primary: 0, cached: 0 } }])
    test.clock.advance(1_000)
    expect(ask({ company: 'Acme', name: 'Ada Sample' })).toEqual({ tier: 'cached', value: { headline: 'kept' }, ageMs: week + 1_000 })
    expect(ask({ company: 'Acme', name: 'Bo Sample' })).toBeNull()
    test.clock.advance(week)
    expect(ask(earlier.key)).toBeNull()
  })

  it('may be older than the file allows until code allows it', async () => {
    test.desk.keep(AGENT, earlier)
    test.desk.declare(AGENT, { name: 'linkedin', fallback: ['cached'] })
    expect(ask(earlier.key)).toBeNull()
    test.desk.declare(AGENT, { name: 'linkedin', fallback: ['cached'], cache: { staleMs: 2 * week } })
    expect(ask(earlier.key)).toMatchObject({ value: { headline: 'kept' }, ageMs: week })
  })

  it('has just been given where nothing else is said, and gives way to a newer one', async () => {
    await test.launch(plan)
    test.desk.keep(AGENT, { service: 'linkedin', key: null, value: 'kept' })
    test.clock.advance(5)
    expect(end(begin().callId, 'failed')).toEqual({ tier: 'cached', value: 'kept', ageMs: 5 })
    end(begin().callId, 'ok', { value: 'newer' })
    expect(end(begin().callId, 'failed')).toEqual({ tier: 'cached', value: 'newer', ageMs: 0 })
  })

  it('is of an agent that there is', () => {
    expect(() => test.desk.keep('lg-00000009', earlier)).toThrow('There is no agent lg-00000009.')
  })
})

describe('what is known of services', () => {
  it('survives the death of the room: an open breaker stays open, counts go on', async () => {
    const start = test.clock.now()
    test.fail(5)
    begin()
    test.clock.advance(1_000)
    const { clock } = test
    await test.settled()
    await test.kill()
    clock.advance(30_000)
    await open({ clock })
    expect(begin()).toMatchObject({ do: 'refused', retryAfterMs: 29_000 })
    expect(test.view()).toMatchObject({ state: 'open', since: start, calls: 5, failures: 5, blocked: 2, msIn: { closed: 0, open: 31_000 } })
    clock.advance(29_000)
    expect(begin().isProbe).toBe(true)
  })

  it('is open after a death at the very moment of opening', async () => {
    const { clock } = test
    test.fail(5)
    await test.settled()
    await test.kill()
    await open({ clock })
    expect(test.view()).toMatchObject({ state: 'open', failures: 5 })
  })

  it('goes with its agent, whatever comes of its calls later', async () => {
    const passage = test.desk.upstreams.begin({ agentId: AGENT, provider: 'openai', host: 'simulated' })
    test.fail(5)
    test.desk.reportDestinations(AGENT, [{ host: 'api.example.test:443', covered: 'none', calls: 1 }])
    await test.settled()
    await test.announceRemoval(AGENT)
    if ('end' in passage) passage.end('failed', '500')
    test.clock.advance(120_000)
    expect(await test.state.services.breakers()).toEqual([])
    await test.close()
    await open()
    expect([test.desk.list(), test.desk.destinations(AGENT)]).toEqual([[], []])
  })

  it('is told four times a second at most, and the last word always comes', async () => {
    for (let i = 0; i < 100; i++) {
      end(begin().callId, 'ok')
      test.clock.advance(10)
    }
    test.clock.advance(250)
    await test.settled()
    const told = test.heard('service.changed')
    expect(told.length).toBeLessThanOrEqual(6)
    expect(told.at(-1)?.payload.service).toMatchObject({ calls: 100, served: { primary: 100 } })
  })

  it('needs no more room after a million calls, or of calls that never end', () => {
    for (let i = 0; i < 10_000; i++) begin()
    expect(begin()).toMatchObject({ do: 'refused', reason: `${AGENT} has 10000 calls under way; let some of them end first.` })
    test.clock.advance(600_000)
    expect(test.view().state).toBe('open')
    test.desk.reset(AGENT, 'linkedin', '')
    for (let i = 0; i < 3_000; i++) expect(begin({ endpoint: `/people/${i}` }).do).toBe('call')
    expect(test.desk.list().length).toBeLessThanOrEqual(502)
  })

  it('is closed by hand', async () => {
    test.fail(5)
    expect(test.desk.reset(AGENT, 'linkedin', '')).toMatchObject({ state: 'closed', recoveries: 0 })
    expect(begin().do).toBe('call')
    expect(() => test.desk.reset(AGENT, 'clearbit', '')).toThrow(`There is no breaker of clearbit of ${AGENT}.`)
    await test.settled()
    expect(test.sentences().at(-1)).toBe('The breaker of linkedin was closed by hand.')
  })

  it('shows services of the agent’s file before they are called', async () => {
    await test.launch({ services: [{ name: 'clearbit' }] })
    expect(test.view('clearbit')).toMatchObject({ state: 'closed', calls: 0, formatted: { blocked: '0 leads', saved: null, viaFallback: null } })
  })
})

describe('a service whose hosts an agent may not go to', () => {
  it('is refused with the reason', async () => {
    await test.close()
    await open({ refusalOf: (agentId, service, hosts) => `${agentId} may not go to ${hosts[0]} for ${service}.` })
    await test.launch({ services: [{ name: 'linkedin', hosts: ['api.linkedin.com'] }] })
    expect(begin()).toMatchObject({ do: 'refused', reason: `${AGENT} may not go to api.linkedin.com for linkedin.` })
    expect(test.view().calls).toBe(0)
  })
})

describe('hosts that an agent went to', () => {
  it('are told once each, and what went past us is never shown as covered', async () => {
    test.desk.reportDestinations(AGENT, [{ host: 'API.example.test:443', covered: 'breaker', calls: 2 }, { host: 'not a host', covered: 'none', calls: 1 }])
    test.clock.advance(5)
    test.desk.reportDestinations(AGENT, [{ host: 'api.example.test:443', covered: 'none', calls: 3 }])
    test.desk.reportDestinations(AGENT, [{ host: 'api.example.test:443', covered: 'breaker', calls: 1 }])
    await test.settled()
    expect(test.desk.destinations(AGENT)).toMatchObject([
      { host: 'api.example.test:443', covered: 'none', calls: 6, lastAt: test.clock.now() },
      { host: '(no host name)', covered: 'none', calls: 1 },
    ])
    expect(test.heard('destination.seen').map(({ severity, message }) => [severity, message])).toEqual([
      ['INFO', 'The agent went to api.example.test:443 through its breaker.'],
      ['WARN', 'The agent went to (no host name) past the control room.'],
      ['WARN', 'The agent went to api.example.test:443 past the control room.'],
    ])
  })

  it('are kept to so many', () => {
    for (let lot = 0; lot < 10; lot++) {
      test.desk.reportDestinations(AGENT, Array.from({ length: 100 }, (_, i) => ({ host: `h${lot}-${i}.example.test`, covered: 'none' as const, calls: 1 })))
    }
    const all = test.desk.destinations(AGENT)
    expect([all.length, all.find(({ host }) => host === '(other hosts)')?.calls]).toEqual([501, 500])
  })
})
