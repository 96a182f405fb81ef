import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import type { Budget, Progress } from '../../shared/domain/budget.ts'
import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { ServiceView } from '../../shared/domain/service.ts'
import { formatPercentile, formatSuccess, formatThroughput, formatTimeLeft, formatWork } from '../../shared/formatPerformance.ts'
import { createTestClock } from '../access/testClock.ts'
import { changed } from '../state/testEvents.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { createLatencies } from './latencies.ts'
import { createPerformanceDesk } from './performanceDesk.ts'
import { createThroughput } from './throughput.ts'

const AGENT = 'lg-7a3f9c2d'
const leads = (done: number, failed = 0): Progress => ({ done, total: 100, unit: 'lead', failed })

const NO_BUDGET = { progress: null, unit: 'call', parked: [], openCalls: 0 }

function open(before: Progress | null = null) {
  const clock = createTestClock()
  const heard: Announcement<'performance.changed'>[] = []
  const around = {
    agent: sampleAgent({ uptime: { upMs: 900, downMs: 100, at: clock.now(), counts: 'neither' } }) as Agent | null,
    services: [] as ServiceView[],
    budget: { ...NO_BUDGET, progress: before } as Pick<Budget, 'progress' | 'unit' | 'parked' | 'openCalls'>,
  }
  const desk = createPerformanceDesk({
    clock,
    announce: async (one) => heard.push(one as Announcement<'performance.changed'>),
    budgetOf: () => around.budget,
    servicesOf: () => around.services,
    agentOf: () => around.agent,
  })
  let seq = 0
  const hear = (...announcements: Announcement[]): void => desk.hear(announcements.map((one) => ({ seq: ++seq, at: clock.now(), ...one }) as Event))
  return { clock, heard, desk, around, hear }
}

const service = (changes: Partial<ServiceView> = {}): ServiceView => ({
  agentId: AGENT,
  service: 'linkedin',
  endpoint: '',
  state: 'closed',
  since: 0,
  retryAt: null,
  failuresInARow: 0,
  calls: 0,
  failures: 0,
  blocked: 0,
  saved: 0,
  served: { primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 },
  recoveries: 0,
  msIn: { closed: 0, open: 0, 'half-open': 0 },
  reason: null,
  formatted: { blocked: '0 leads', saved: null, viaFallback: null },
  ...changes,
})

describe('how an agent works', () => {
  it('is told as people read it', () => {
    const { clock, desk } = open()
    desk.tell(AGENT, leads(0))
    for (let done = 1; done <= 23; done++) {
      clock.advance(17_000)
      desk.tell(AGENT, leads(done), done === 7 ? 2_100 : 850)
    }
    expect(desk.of(AGENT).formatted).toMatchObject({ progress: '23 / 100 leads (23%)', success: '100% (23/23)', rate: '212 leads/hour', p50: 'P50: 850ms', p95: 'P95: 850ms', p99: 'P99: 2.1s' })
    expect(desk.of(AGENT)).toMatchObject({ latency: { p50: 850, p95: 850, p99: 2_100, samples: 23 } })
  })

  it('takes the time between two reports where nobody says how long it took', () => {
    const { clock, desk } = open()
    desk.tell(AGENT, leads(10))
    expect(desk.of(AGENT).latency).toBeNull()
    clock.advance(900)
    desk.tell(AGENT, leads(13))
    expect(desk.of(AGENT).latency).toEqual({ p50: 300, p95: 300, p99: 300, samples: 3 })
    desk.tell(AGENT, leads(14), [50])
    clock.advance(60_000)
    desk.tell(AGENT, leads(15))
    expect(desk.of(AGENT).latency).toMatchObject({ p99: 300, samples: 4 })
  })

  it('goes on where it stood after a restart; the time in between is nobody\'s', () => {
    const { clock, desk } = open(leads(57, 2))
    expect(desk.of(AGENT).formatted).toMatchObject({ progress: '57 / 100 leads (57%)', success: '96% (55/57)', rate: null, p95: null })
    desk.tell(AGENT, leads(58, 2))
    clock.advance(100)
    desk.tell(AGENT, leads(59, 2))
    clock.advance(60_000)
    desk.hear([{ seq: 1, at: 1, ...changed(sampleAgent({ id: AGENT, status: 'starting' })) }])
    desk.tell(AGENT, leads(60, 2))
    expect(desk.of(AGENT)).toMatchObject({ done: 60, latency: { p99: 100, samples: 1 } })
  })

  it('is announced once in a quarter of a second at most, and the last always', () => {
    const { clock, heard, desk } = open()
    for (let done = 1; done <= 1_000; done++) {
      desk.tell(AGENT, { ...leads(done), total: null })
      clock.advance(1)
    }
    expect(heard.length).toBeLessThanOrEqual(5)
    clock.advance(250)
    expect(heard.at(-1)?.payload.performance.done).toBe(1_000)
    expect(heard.at(-1)?.message).toMatch(/^1,000 leads, [\d,]+ leads\/hour, P95: 1ms\.$/)
    desk.tell(AGENT, leads(1))
    desk.close()
    expect(heard.at(-1)?.payload.performance.done).toBe(1)
  })

  it('is remembered moment by moment, as it was announced', () => {
    const { clock, desk } = open()
    desk.tellStep(AGENT, 'reading the list')
    clock.advance(1_000)
    expect(desk.history(AGENT)).toEqual([])
    const began = clock.now()
    for (let done = 1; done <= 3; done++) {
      desk.tell(AGENT, leads(done), 2_100)
      clock.advance(1_000)
    }
    const at = desk.history(AGENT).map((point) => point.at - began)
    expect(desk.history(AGENT)).toMatchObject([
      { done: 1, perHour: null, p50: 2_100, p95: 2_100, p99: 2_100 },
      { done: 2, perHour: 3_600 },
      { done: 3, perHour: 3_600 },
    ])
    expect(at).toEqual(at.toSorted((a, b) => a - b))
  })

  it('of one that has told nothing is not known', () => {
    const { done, total, latency, step, formatted } = open().desk.of(AGENT)
    expect({ done, total, latency, step }).toEqual({ done: 0, total: null, latency: null, step: null })
    expect(formatted).toEqual({ progress: null, success: null, rate: null, p50: null, p95: null, p99: null, cacheHits: null, uptime: '90.0%', blocked: null, saved: null, viaFallback: null })
  })

  it('counts who answered, what was kept away and what that saved, over all its services', () => {
    const { desk, around, heard, hear, clock } = open({ ...leads(23) })
    const linkedin = service({ served: { primary: 33, cached: 33, placeholder: 31, custom: 0, failed: 2 }, blocked: 66, saved: 6_600_000_000 })
    around.services = [linkedin, service({ service: 'clearbit', served: { primary: 0, cached: 1, placeholder: 0, custom: 0, failed: 0 } })]
    expect(desk.of(AGENT)).toMatchObject({
      served: { primary: 33, cached: 34, placeholder: 31, custom: 0, failed: 2 },
      blocked: 66,
      saved: 6_600_000_000,
      formatted: { cacheHits: '34%', blocked: '66 leads', saved: '$6.60 saved', viaFallback: '97% via fallback' },
    })
    hear({ name: 'service.changed', agentId: AGENT, severity: 'DEBUG', message: 'linkedin is open.', payload: { service: linkedin } })
    clock.advance(250)
    expect(heard.at(-1)?.payload.performance.formatted.cacheHits).toBe('34%')
  })

  it('tells of nobody that is not there any more', () => {
    const { around, heard, hear, clock } = open()
    around.agent = null
    hear({ name: 'service.changed', agentId: AGENT, severity: 'DEBUG', message: 'linkedin is open.', payload: { service: service() } })
    clock.advance(1_000)
    expect(heard).toEqual([])
  })
})

describe('what an agent is at', () => {
  const began = (toolCallId: string, name: string, isAllowed = true): Announcement => ({ name: 'tool.began', agentId: AGENT, severity: 'INFO', message: `${name}.`, payload: { toolCallId, name, isAllowed, input: null } })
  const ended = (toolCallId: string): Announcement => ({ name: 'tool.ended', agentId: AGENT, severity: 'INFO', message: 'Ended.', payload: { toolCallId, name: 'any', isOk: true, output: null, error: null, latencyMs: null } })

  it('is the newest tool under way', () => {
    const { desk, hear, heard, clock } = open()
    hear(began('a', 'search'), began('b', 'score'), began('c', 'delete', false))
    expect(desk.of(AGENT).step).toBe('Using score')
    clock.advance(250)
    expect(heard.at(-1)).toMatchObject({ message: 'Using score.', payload: { performance: { step: 'Using score' } } })
    hear(ended('b'))
    expect(desk.of(AGENT).step).toBe('Using search')
    hear(ended('a'))
    expect(desk.of(AGENT).step).toBeNull()
    clock.advance(250)
    expect(heard.at(-1)?.payload.performance.step).toBeNull()
    const before = heard.length
    hear(ended('a'))
    clock.advance(1_000)
    expect(heard).toHaveLength(before)
  })

  it('is what it says, for as long as it says nothing else', () => {
    const { desk, hear } = open()
    desk.tellStep(AGENT, 'enriching')
    hear(began('a', 'search'))
    expect(desk.of(AGENT).step).toBe('enriching')
    desk.tellStep(AGENT, null)
    expect(desk.of(AGENT).step).toBe('Using search')
  })

  it('is the call that waits, before all else that of a decision', () => {
    const { desk, around } = open()
    desk.tellStep(AGENT, null)
    around.budget = { ...NO_BUDGET, openCalls: 1 }
    expect(desk.of(AGENT).step).toBe('Asking the model')
    desk.tellStep(AGENT, 'enriching')
    around.budget = { ...NO_BUDGET, openCalls: 1, parked: [{}] as unknown as Budget['parked'] }
    expect(desk.of(AGENT).step).toBe('Waiting for a decision')
  })

  it('is nothing of one that does not run', () => {
    const { desk, hear } = open()
    desk.tellStep(AGENT, 'enriching')
    hear(began('a', 'search'), changed(sampleAgent({ id: AGENT, status: 'crashed' })))
    expect(desk.of(AGENT).step).toBeNull()
    hear(changed(sampleAgent({ id: AGENT, status: 'running' })))
    expect(desk.of(AGENT).step).toBeNull()
  })

  it('is kept of so many tools only', () => {
    const { desk, hear } = open()
    hear(...Array.from({ length: 1_000 }, (_, index) => began(`call-${index}`, `tool-${index}`)))
    for (let index = 900; index < 1_000; index++) hear(ended(`call-${index}`))
    expect(desk.of(AGENT).step).toBeNull()
  })
})

describe('throughput', () => {
  it('is that of the last five minutes', () => {
    const throughput = createThroughput()
    for (let minute = 0; minute <= 60; minute++) throughput.note(minute * 60_000, minute < 50 ? minute : 50 + (minute - 50) * 10)
    expect(throughput.perHour()).toBe(600)
  })

  it('begins anew where the work does', () => {
    const throughput = createThroughput()
    throughput.note(0, 90)
    throughput.note(60_000, 0)
    expect(throughput.perHour()).toBeNull()
    throughput.note(120_000, 2)
    expect(throughput.perHour()).toBe(120)
  })
})

describe('percentiles', () => {
  it('are those of exactly the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 300 }), (lengths) => {
        const latencies = createLatencies(50)
        for (const length of lengths) latencies.add(length)
        const newest = lengths.slice(-50).toSorted((a, b) => a - b)
        const rank = (percent: number) => newest.find((length) => newest.filter((other) => other <= length).length * 100 >= percent * newest.length)
        expect(latencies.read()).toEqual({ p50: rank(50), p95: rank(95), p99: rank(99), samples: newest.length })
      }),
    )
  })
})

describe('words', () => {
  it('say how long it still takes, where that can be said', () => {
    expect(formatTimeLeft({ done: 23, total: 100, perHour: 210 })).toBe('about 22 min left')
    expect(formatTimeLeft({ done: 99, total: 100, perHour: 1_000_000 })).toBe('about 1 s left')
    for (const unknown of [{ total: null }, { perHour: null }, { perHour: 0 }, { done: 100 }]) expect(formatTimeLeft({ done: 23, total: 100, perHour: 210, ...unknown })).toBeNull()
  })

  it('round down what must not look better than it is', () => {
    expect(formatWork(999, 1_000, 'page')).toBe('999 / 1,000 pages (99%)')
    expect(formatWork(1, null, 'lead')).toBe('1 lead')
    expect(formatSuccess(1_000, 1)).toBe('99% (999/1000)')
    expect(formatSuccess(0, 0)).toBeNull()
    expect(formatThroughput(1.2, 'lead')).toBe('1 lead/hour')
    expect(formatPercentile(99, 75_000)).toBe('P99: 75.0s')
  })
})
