import { beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../../shared/domain/event.ts'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { createEventGatherer, MOST_GATHERED, type EventGatherer } from './eventGatherer.ts'

let clock: TestClock
let apartMs: number
let delivered: number[][]
let gatherer: EventGatherer
let lastSeq: number

const batch = (count: number): Event[] => Array.from({ length: count }, () => ({ seq: ++lastSeq }) as Event)

beforeEach(() => {
  clock = createTestClock()
  apartMs = 50
  delivered = []
  lastSeq = 0
  gatherer = createEventGatherer({
    clock,
    apartMs: () => apartMs,
    deliver: (events) => delivered.push(events.map(({ seq }) => seq)),
  })
})

describe('gathering events', () => {
  it('keeps the first nobody waiting', () => {
    gatherer.add(batch(2))
    expect(delivered).toEqual([[1, 2]])
  })

  it('delivers what follows too soon together, in order, when it is time', () => {
    gatherer.add(batch(1))
    clock.advance(20)
    gatherer.add(batch(2))
    clock.advance(29)
    gatherer.add(batch(1))
    expect(delivered).toEqual([[1]])
    clock.advance(1)
    expect(delivered).toEqual([[1], [2, 3, 4]])
  })

  it('is not held up by a clock that was set back', () => {
    gatherer.add(batch(1))
    clock.advance(-3_600_000)
    gatherer.add(batch(1))
    clock.advance(50)
    expect(delivered).toEqual([[1], [2]])
  })

  it('keeps deliveries apart, and nobody waiting after a pause', () => {
    for (let count = 0; count < 10; count++) {
      gatherer.add(batch(1))
      clock.advance(10)
    }
    clock.advance(50)
    gatherer.add(batch(1))
    expect(delivered).toEqual([[1], [2, 3, 4, 5], [6, 7, 8, 9, 10], [11]])
  })

  it('gathers nothing while deliveries need not be apart', () => {
    apartMs = 0
    for (let count = 0; count < 3; count++) gatherer.add(batch(1))
    expect(delivered).toEqual([[1], [2], [3]])
  })

  it('keeps the order when they need not be apart any more while something waits', () => {
    gatherer.add(batch(1))
    gatherer.add(batch(1))
    apartMs = 0
    gatherer.add(batch(1))
    clock.advance(50)
    gatherer.add(batch(1))
    expect(delivered).toEqual([[1], [2, 3], [4]])
  })

  it('delivers a storm in pieces that are not too large', () => {
    gatherer.add(batch(1))
    gatherer.add(batch(MOST_GATHERED - 1))
    gatherer.add(batch(1))
    gatherer.add(batch(1))
    expect(delivered.map((events) => events.length)).toEqual([1, MOST_GATHERED])
    clock.advance(50)
    expect(delivered.flat()).toEqual(Array.from({ length: MOST_GATHERED + 2 }, (_, index) => index + 1))
  })

  it('keeps apart from a storm what comes after it', () => {
    gatherer.add(batch(1))
    clock.advance(10)
    gatherer.add(batch(MOST_GATHERED - 1))
    gatherer.add(batch(1))
    clock.advance(10)
    gatherer.add(batch(1))
    clock.advance(39)
    expect(delivered).toHaveLength(2)
    clock.advance(1)
    expect(delivered.at(-1)).toEqual([MOST_GATHERED + 2])
  })

  it('goes on after a delivery that failed', () => {
    let fails = true
    const seen: number[] = []
    const stubborn = createEventGatherer({
      clock,
      apartMs: () => 0,
      deliver: (events) => {
        if (fails) throw new Error('invented')
        seen.push(...events.map(({ seq }) => seq))
      },
    })
    expect(() => stubborn.add(batch(1))).toThrow('invented')
    fails = false
    stubborn.add(batch(1))
    expect(seen).toEqual([2])
  })
})
