import { expect, it } from 'vitest'
import { Event } from './event.ts'

/** As it stands in the database of a room that told of progress alone. */
const WRITTEN_BEFORE = {
  seq: 7,
  at: 1_000,
  severity: 'DEBUG',
  agentId: 'lg-7a3f9c2d',
  name: 'performance.changed',
  message: '23 / 100 leads (23%).',
  payload: {
    performance: {
      agentId: 'lg-7a3f9c2d',
      unit: 'lead',
      done: 23,
      total: 100,
      failed: 0,
      perHour: null,
      latency: null,
      formatted: { progress: '23 / 100 leads (23%)', success: '100% (23/23)', rate: null, p50: null, p95: null, p99: null },
    },
  },
}

it('a performance from before services and uptime belonged to it is still understood', () => {
  expect(Event.parse(WRITTEN_BEFORE)).toMatchObject({
    payload: {
      performance: {
        done: 23,
        step: null,
        served: { primary: 0, cached: 0, placeholder: 0, custom: 0, failed: 0 },
        blocked: 0,
        saved: 0,
        formatted: { progress: '23 / 100 leads (23%)', cacheHits: null, uptime: null, blocked: null, saved: null, viaFallback: null },
      },
    },
  })
})
