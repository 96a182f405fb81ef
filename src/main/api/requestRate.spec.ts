import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { createRequestRate } from './requestRate.ts'

const ADA = { role: 'admin', id: 'ada' } as const
const AGENT = { role: 'agent', id: 'lg-7a3f9c2d' } as const

it('lets a burst pass, then as many as the rate says, and tells how long to wait', () => {
  const clock = createTestClock()
  const count = createRequestRate(clock, { burst: 3, perSecond: 10 })
  expect([1, 2, 3, 4, 5].map(() => count(ADA))).toEqual([0, 0, 0, 100, 100])
  clock.advance(50)
  expect(count(ADA)).toBe(50)
  clock.advance(50)
  expect([count(ADA), count(ADA)]).toEqual([0, 100])
  clock.advance(60_000)
  expect([1, 2, 3, 4].map(() => count(ADA))).toEqual([0, 0, 0, 100])
})

it('counts each caller for itself', () => {
  const count = createRequestRate(createTestClock(), { burst: 1, perSecond: 1 })
  expect([count(ADA), count(ADA), count(AGENT), count({ ...ADA, role: 'viewer' })]).toEqual([0, 1000, 0, 0])
})

it('forgets whoever is quiet, and nobody who is not', () => {
  const clock = createTestClock()
  const count = createRequestRate(clock, { burst: 1, perSecond: 1 })
  for (let number = 0; number < 1_000; number++) count({ role: 'agent', id: `agent-${number}` })
  clock.advance(1_000)
  expect(count(ADA)).toBe(0)
  for (let number = 0; number < 1_000; number++) count({ role: 'agent', id: `other-${number}` })
  expect(count(ADA)).toBe(1000)
})
