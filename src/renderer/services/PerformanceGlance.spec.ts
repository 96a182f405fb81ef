// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Performance, PerformancePoint } from '../../shared/domain/report.ts'
import type { ServiceView } from '../../shared/domain/service.ts'
import PerformanceGlance from './PerformanceGlance.vue'
import ServedBar from './ServedBar.vue'
import { cooledDown } from './serviceLook.ts'
import { samplePerformance, sampleService } from './testServices.ts'

interface Sight {
  readonly performance?: Partial<Performance> | null
  readonly services?: readonly ServiceView[]
  readonly points?: readonly PerformancePoint[]
}

function show({ performance = {}, services = [], points = [] }: Sight = {}) {
  const wrapper = mount(PerformanceGlance, {
    props: { performance: performance && samplePerformance(performance), uptime: { upMs: 9_980, downMs: 20, at: 1_000, counts: 'neither' }, services, points, now: 1_000 },
  })
  const figures = (): Record<string, string> => Object.fromEntries(wrapper.findAll('[data-figure]').map((one) => [one.attributes('data-figure') ?? '', one.text()]))
  return { wrapper, figures, text: () => wrapper.text().replace(/\s+/g, ' ') }
}

describe('performance at a glance', () => {
  it('is every figure as people read it', () => {
    expect(show().figures()).toEqual({
      rate: '212 leads/hour',
      p95: 'P95: 2.1s',
      p50: 'P50: 1.4s',
      p99: 'P99: 2.6s',
      cacheHits: '34%',
      uptime: '99.8%',
      blockedInAll: '66 leads',
      savedInAll: '$6.60 saved',
      viaFallbackInAll: '98% via fallback',
    })
  })

  it('says of nothing that it is nought', () => {
    const { figures, text } = show({ performance: null })
    expect(figures()).toEqual({ rate: '–', p95: '–', cacheHits: '–', uptime: '99.8%' })
    expect(text()).toContain('No service was called yet.')
  })

  it('names each breaker with its word and its countdown, no more of them than there is room for', () => {
    const open = sampleService({ state: 'open', since: 1_000, retryAt: 43_000 })
    const { wrapper, text } = show({ services: [open, ...['b', 'c', 'd', 'e'].map((service) => sampleService({ service })), sampleService({ service: 'never-called', calls: 0 })] })
    expect(wrapper.findAll('[data-service]').map((one) => one.attributes('data-service'))).toEqual(['linkedin', 'b', 'c'])
    expect(text()).toContain('Open linkedin A probe in 42 s')
    // What a low panel leaves out is counted there too.
    expect(wrapper.findAll('p span.ml-auto').map((one) => one.text())).toEqual(['3 more', '2 more'])
  })

  it('draws how throughput went, once there is a line to draw', () => {
    const point = (at: number): PerformancePoint => ({ at, done: at, perHour: 212, p50: null, p95: null, p99: null })
    expect(show({ points: [point(1)] }).wrapper.find('[role="img"]').exists()).toBe(false)
    expect(show({ points: [point(1), point(2)] }).wrapper.get('[role="img"]').attributes('aria-label')).toBe('Throughput over time. 212 leads/hour now.')
  })
})

describe('who answered', () => {
  it('is a bar whose parts have their words', () => {
    const wrapper = mount(ServedBar, { props: { served: { primary: 33, cached: 1_065, placeholder: 0, custom: 0, failed: 2 } } })
    expect(wrapper.findAll('[data-tier]').map((one) => one.text())).toEqual(['33 by itself', '1,065 from the cache', '2 not at all'])
    expect(mount(ServedBar, { props: { served: { primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 } } }).text()).toBe('')
  })
})

it('a breaker cools down from its opening to its probe', () => {
  const open = { state: 'open', since: 1_000, retryAt: 61_000 } as const
  expect([cooledDown(open, 1_000), cooledDown(open, 31_000), cooledDown(open, 99_000)]).toEqual([0, 50, 100])
  expect(cooledDown({ ...open, state: 'closed' }, 31_000)).toBeNull()
  expect(cooledDown({ ...open, retryAt: null }, 31_000)).toBeNull()
})
