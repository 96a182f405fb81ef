import { describe, expect, it } from 'vitest'
import { courseOf, paceOf } from './pace.ts'

const DOLLAR = 1_000_000_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 10, 21, 14, 0)
const point = (at: number, spent: number) => ({ at: START + at, spent: spent * DOLLAR, calls: 1 })

/** Ten minutes at a dollar a minute. */
const STEADY = Array.from({ length: 11 }, (_, minute) => point(minute * MINUTE, minute))
const NOW = START + 10 * MINUTE

describe('the pace of spending', () => {
  it('is that of the last minutes, with the time until nothing is left', () => {
    expect(paceOf(STEADY, { limit: 50 * DOLLAR, spent: 10 * DOLLAR, progress: null }, NOW)).toEqual({ perHour: 60 * DOLLAR, emptyInMs: 40 * MINUTE })
    const faster = [...STEADY.slice(0, 10), point(10 * MINUTE, 14)]
    expect(paceOf(faster, { limit: 50 * DOLLAR, spent: 14 * DOLLAR, progress: null }, NOW)?.perHour).toBe(((14 - 5) / 5) * 60 * DOLLAR)
  })

  it('is over the whole run while that is shorter', () => {
    expect(paceOf(STEADY.slice(0, 3), { limit: 50 * DOLLAR, spent: 2 * DOLLAR, progress: null }, START + 2 * MINUTE)?.perHour).toBe(60 * DOLLAR)
  })

  it('falls while nothing is spent, and is nothing at last', () => {
    const budget = { limit: 50 * DOLLAR, spent: 10 * DOLLAR, progress: null }
    expect(paceOf(STEADY, budget, NOW + 3 * MINUTE)?.perHour).toBe(24 * DOLLAR)
    expect(paceOf(STEADY, budget, NOW + HOUR)).toEqual({ perHour: 0, emptyInMs: null })
  })

  it('is known to nobody in the first seconds, and before there is anything', () => {
    expect(paceOf([point(0, 0)], { limit: DOLLAR, spent: 0, progress: null }, START + 4_999)).toBeNull()
    expect(paceOf([], { limit: DOLLAR, spent: 0, progress: null }, NOW)).toBeNull()
  })

  it('has no end where all of the work is done', () => {
    const done = { limit: 50 * DOLLAR, spent: 10 * DOLLAR, progress: { done: 100, total: 100, unit: 'lead', failed: 0 } }
    expect(paceOf(STEADY, done, NOW)).toEqual({ perHour: 60 * DOLLAR, emptyInMs: null })
    expect(paceOf(STEADY, { ...done, progress: { ...done.progress, done: 99 } }, NOW)?.emptyInMs).toBe(40 * MINUTE)
    expect(paceOf(STEADY, { ...done, progress: { ...done.progress, total: null } }, NOW)?.emptyInMs).toBe(40 * MINUTE)
  })

  it('leaves nothing where the limit is passed', () => {
    expect(paceOf(STEADY, { limit: 5 * DOLLAR, spent: 10 * DOLLAR, progress: null }, NOW)?.emptyInMs).toBe(0)
  })
})

describe('the course', () => {
  const spent = 10 * DOLLAR

  it('leads to the projection at the pace of now', () => {
    expect(courseOf(STEADY, { spent, projection: 40 * DOLLAR }, NOW, 100 * DOLLAR)).toEqual([
      { at: NOW, spent },
      { at: NOW + 30 * MINUTE, spent: 40 * DOLLAR },
    ])
  })

  it('ends where the drawing does', () => {
    expect(courseOf(STEADY, { spent, projection: 900 * DOLLAR }, NOW, 60 * DOLLAR)?.[1]).toEqual({ at: NOW + 50 * MINUTE, spent: 60 * DOLLAR })
    expect(courseOf(STEADY, { spent, projection: 900 * DOLLAR }, NOW, 10 * DOLLAR)).toBeNull()
  })

  it('goes on as the whole run did while a call waits for a decision', () => {
    expect(courseOf(STEADY, { spent, projection: 20 * DOLLAR }, NOW + HOUR, 100 * DOLLAR)?.[1]).toEqual({ at: NOW + HOUR + 10 * MINUTE, spent: 20 * DOLLAR })
  })

  it('is none where nothing is projected, all is done, or nothing was spent', () => {
    expect(courseOf(STEADY, { spent, projection: null }, NOW, 100 * DOLLAR)).toBeNull()
    expect(courseOf(STEADY, { spent, projection: spent }, NOW, 100 * DOLLAR)).toBeNull()
    expect(courseOf([point(0, 0)], { spent: 0, projection: DOLLAR }, NOW, 100 * DOLLAR)).toBeNull()
  })
})
