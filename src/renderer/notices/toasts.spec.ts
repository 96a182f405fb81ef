import { describe, expect, it } from 'vitest'
import { createTestTiming } from '../room/testRoom.ts'
import { createToasts } from './toasts.ts'

function setUp() {
  const timing = createTestTiming()
  const gone: number[] = []
  const toasts = createToasts(timing, (id) => gone.push(id))
  return { timing, gone, toasts, shown: () => [...toasts.shown.value] }
}

describe('what stands in front of the room', () => {
  it('goes by itself after its time, or stays until somebody closes it', () => {
    const { timing, gone, toasts, shown } = setUp()
    toasts.show(1, 8_000)
    toasts.show(2, null)
    timing.pass(7_999)
    expect(shown()).toEqual([2, 1])
    timing.pass(1)
    expect(shown()).toEqual([2])
    timing.pass(1_000_000)
    expect(shown()).toEqual([2])
    toasts.take([2])
    expect(shown()).toEqual([])
    expect(gone).toEqual([1, 2])
  })

  it('is never more than three, first what stays; the time of the others begins when they come into sight', () => {
    const { timing, toasts, shown } = setUp()
    for (const id of [1, 2, 3, 4]) toasts.show(id, 8_000)
    toasts.show(5, null)
    expect(shown()).toEqual([5, 4, 3])
    expect(toasts.waiting.value).toBe(2)
    timing.pass(8_000)
    expect(shown()).toEqual([5, 2, 1])
    expect(toasts.waiting.value).toBe(0)
    timing.pass(7_999)
    expect(shown()).toEqual([5, 2, 1])
    timing.pass(1)
    expect(shown()).toEqual([5])
  })

  it('waits while somebody reads, with what was left of its time', () => {
    const { timing, toasts, shown } = setUp()
    toasts.show(1, 8_000)
    timing.pass(6_000)
    toasts.hold()
    toasts.show(2, 8_000)
    timing.pass(60_000)
    expect(shown()).toEqual([2, 1])
    toasts.release()
    timing.pass(2_000)
    expect(shown()).toEqual([2])
    timing.pass(6_000)
    expect(shown()).toEqual([])
  })

  it('goes after its time also when the clock is set back meanwhile', () => {
    const { timing, toasts, shown } = setUp()
    let setBackBy = 0
    const { now } = timing
    timing.now = () => now() - setBackBy
    toasts.show(1, 8_000)
    setBackBy = 3_600_000
    timing.pass(8_000)
    timing.pass(8_000)
    expect(shown()).toEqual([])
    toasts.stop()
  })

  it('does not wait for a pointer that was over the last one when it went', () => {
    const { timing, toasts, shown } = setUp()
    toasts.show(1, null)
    toasts.hold()
    toasts.take([1])
    toasts.show(2, 8_000)
    timing.pass(8_000)
    expect(shown()).toEqual([])
  })

  it('has its place and its time anew when it is shown again', () => {
    const { timing, toasts, shown } = setUp()
    toasts.show(1, 8_000)
    toasts.show(2, 20_000)
    timing.pass(6_000)
    toasts.show(1, 8_000)
    timing.pass(6_000)
    expect(shown()).toEqual([2, 1])
    timing.pass(2_000)
    expect(shown()).toEqual([2])
  })
})
