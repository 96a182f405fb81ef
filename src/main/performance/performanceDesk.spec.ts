import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Progress } from '../../shared/domain/budget.ts'
import type { Announcement } from '../../shared/domain/event.ts'
import { formatPercentile, formatSuccess, formatThroughput, formatWork } from '../../shared/formatPerformance.ts'
import { createTestClock } from '../access/testClock.ts'
import { changed } from '../state/testEvents.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { createLatencies } from './latencies.ts'
import { createPerformanceDesk } from './performanceDesk.ts'
import { createThroughput } from './throughput.ts'

const AGENT = 'lg-7a3f9c2d'
const leads = (done: number, failed = 0): Progress => ({ done, total: 100, unit: 'lead', failed })

function open(before: Progress | null = null) {
  const clock = createTestClock()
  const heard: Announcement<'performance.changed'>[] = []
  const desk = createPerformanceDesk({ clock, announce: async (one) => heard.push(one as Announcement<'performance.changed'>), progressOf: () => before })
  return { clock, heard, desk }
}

describe('how an agent works', () => {
  it('is told as people read it', () => {
    const { clock, desk } = open()
    desk.tell(AGENT, leads(0))
    for (let done = 1; done <= 23; done++) {
      clock.advance(17_000)
      desk.tell(AGENT, leads(done), done === 7 ? 2_100 : 850)
    }
    expect(desk.of(AGENT)?.formatted).toEqual({ progress: '23 / 100 leads (23%)', success: '100% (23/23)', rate: '212 leads/hour', p50: 'P50: 850ms', p95: 'P95: 850ms', p99: 'P99: 2.1s' })
    expect(desk.of(AGENT)).toMatchObject({ latency: { p50: 850, p95: 850, p99: 2_100, samples: 23 } })
  })

  it('takes the time between two reports where nobody says how long it took', () => {
    const { clock, desk } = open()
    desk.tell(AGENT, leads(10))
    expect(desk.of(AGENT)?.latency).toBeNull()
    clock.advance(900)
    desk.tell(AGENT, leads(13))
    expect(desk.of(AGENT)?.latency).toEqual({ p50: 300, p95: 300, p99: 300, samples: 3 })
    desk.tell(AGENT, leads(14), [50])
    clock.advance(60_000)
    desk.tell(AGENT, leads(15))
    expect(desk.of(AGENT)?.latency).toMatchObject({ p99: 300, samples: 4 })
  })

  it('goes on where it stood after a restart; the time in between is nobody\'s', () => {
    const { clock, desk } = open(leads(57, 2))
    expect(desk.of(AGENT)?.formatted).toMatchObject({ progress: '57 / 100 leads (57%)', success: '96% (55/57)', rate: null, p95: null })
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

  it('of one that has told nothing is not known', () => {
    expect(open().desk.of(AGENT)).toBeNull()
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
  it('round down what must not look better than it is', () => {
    expect(formatWork(999, 1_000, 'page')).toBe('999 / 1,000 pages (99%)')
    expect(formatWork(1, null, 'lead')).toBe('1 lead')
    expect(formatSuccess(1_000, 1)).toBe('99% (999/1000)')
    expect(formatSuccess(0, 0)).toBeNull()
    expect(formatThroughput(1.2, 'lead')).toBe('1 lead/hour')
    expect(formatPercentile(99, 75_000)).toBe('P99: 75.0s')
  })
})
