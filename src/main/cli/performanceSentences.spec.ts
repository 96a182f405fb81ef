import { expect, it } from 'vitest'
import { describePerformance } from './performanceSentences.ts'

const NO_MONEY = { spent: '$0.00', limit: '$50.00', used: '0.0%', average: null, projection: null, baseline: null }
const work = { progress: '23 / 100 leads (23%)', success: '100% (23/23)', rate: '212 leads/hour', p50: 'P50: 1.0s', p95: 'P95: 2.1s', p99: 'P99: 3.0s' }
const calls = { cacheHits: '34%', uptime: '99.8%', blocked: '66 leads', saved: '$6.60 saved', viaFallback: '98% via fallback' }
const none = { progress: null, success: null, rate: null, p50: null, p95: null, p99: null, cacheHits: null, uptime: null, blocked: null, saved: null, viaFallback: null }

it('tells how an agent has worked as far as that is known', () => {
  const told = (formatted: Partial<typeof work & typeof calls> | typeof none) => describePerformance({ formatted: { ...NO_MONEY, ...none, ...formatted } })
  expect(told(work)).toEqual(['23 / 100 leads (23%), success 100% (23/23), 212 leads/hour, P95: 2.1s'])
  expect(told({ ...work, ...calls })).toEqual([
    '23 / 100 leads (23%), success 100% (23/23), 212 leads/hour, P95: 2.1s, uptime 99.8%',
    'Services: 34% from the cache, 98% via fallback, 66 leads kept away, $6.60 saved',
  ])
  expect(told({ ...work, cacheHits: '0%', uptime: '100%' })).toEqual(['23 / 100 leads (23%), success 100% (23/23), 212 leads/hour, P95: 2.1s'])
  expect(told({ cacheHits: '0%', uptime: '96.5%' })).toEqual([])
  expect(told({ progress: '0 leads' })).toEqual(['0 leads'])
  expect(told(none)).toEqual([])
})
