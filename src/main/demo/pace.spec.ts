import { describe, expect, it } from 'vitest'
import type { DemoSpeed } from '../../shared/domain/demo.ts'
import { createTestClock } from '../access/testClock.ts'
import { createPace } from './pace.ts'

const APART = 3_600_000 / 212

function started(speed: DemoSpeed = 1) {
  const clock = createTestClock()
  const pace = createPace({ clock, leadsPerHour: 212, speed })
  /** Asks until the lead may begin, as the agent does; gives when it did. */
  async function beginning(lead: number): Promise<number> {
    for (;;) {
      const { waitMs } = await pace.turn(lead)
      if (waitMs === 0) return clock.now()
    }
  }
  /** Lets time pass in small steps, so that who is waiting can ask again in between. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(Math.min(100, left))
      for (let turn = 0; turn < 6; turn++) await Promise.resolve()
    }
  }
  return { clock, pace, beginning, pass }
}

describe('the pace of the demo', () => {
  it('lets the first lead begin at once, and the others 212 an hour', async () => {
    const { clock, beginning, pass } = started()
    const from = clock.now()
    const times: number[] = [(await beginning(1)) - from]
    for (const lead of [2, 3, 4]) {
      const begun = beginning(lead)
      await pass(17_500)
      times.push((await begun) - from)
    }
    expect(times[0]).toBe(0)
    expect(times[3]).toBeGreaterThanOrEqual(3 * APART)
    expect(times[3]).toBeLessThan(3 * APART + 100)
  })

  it('answers within ten seconds, with when to ask again', async () => {
    const { pace, beginning, pass } = started()
    await beginning(1)
    const answer = pace.turn(2)
    await pass(10_000)
    expect(await answer).toEqual({ waitMs: 1, speed: 1 })
  })

  it('goes ten times as fast, and without a pause', async () => {
    const fast = started(10)
    await fast.beginning(1)
    const second = fast.beginning(2)
    const from = fast.clock.now()
    await fast.pass(1_800)
    expect((await second) - from).toBeLessThan(1_800)
    const max = started('max')
    for (const lead of [1, 2, 3]) expect(await max.pace.turn(lead)).toEqual({ waitMs: 0, speed: 'max' })
  })

  it('holds a lead while it is paused, and goes on at once', async () => {
    const { pace, beginning, pass, clock } = started(10)
    await beginning(1)
    pace.change({ isPaused: true })
    const begun = beginning(2)
    await pass(60_000)
    const from = clock.now()
    pace.change({ isPaused: false })
    await pass(2_000)
    expect((await begun) - from).toBeLessThanOrEqual(1_800)
  })

  it('runs to a lead without a pause, and is itself again there', async () => {
    const { pace, beginning, pass, clock } = started()
    await beginning(1)
    const second = beginning(2)
    pace.change({ skipTo: 4 })
    const from = clock.now()
    expect((await second) - from).toBe(0)
    expect(await pace.turn(3)).toEqual({ waitMs: 0, speed: 'max' })
    expect(await pace.turn(4)).toEqual({ waitMs: 0, speed: 1 })
    expect(pace.skippingTo).toBeNull()
    const fifth = beginning(5)
    await pass(17_500)
    expect((await fifth) - from).toBeGreaterThanOrEqual(APART - 1)
  })

  it('skips to no lead that is over', async () => {
    const { pace, beginning } = started()
    await beginning(1)
    pace.change({ skipTo: 1 })
    expect(pace.skippingTo).toBeNull()
  })

  it('is held up by no clock that was set back, and hurries for none that was set forward', async () => {
    const back = started()
    await back.beginning(1)
    back.clock.advance(-600_000)
    const begun = back.beginning(2)
    const from = back.clock.now()
    await back.pass(18_000)
    expect((await begun) - from).toBeLessThan(18_000)

    const ahead = started()
    await ahead.beginning(1)
    ahead.clock.advance(600_000)
    expect((await ahead.pace.turn(2)).waitMs).toBe(0)
    const third = ahead.pace.turn(3)
    await ahead.pass(10_000)
    expect((await third).waitMs).toBe(1)
  })

  it('tells how long until a lead', async () => {
    const { pace, beginning } = started()
    expect(pace.msUntil(5)).toBeNull()
    await beginning(1)
    expect(pace.msUntil(3)).toBe(Math.round(2 * APART))
    pace.change({ speed: 10 })
    expect(pace.msUntil(3)).toBe(Math.round(APART / 5))
    pace.change({ isPaused: true })
    expect(pace.msUntil(3)).toBeNull()
  })

  it('lets everybody go when it is closed', async () => {
    const { pace, beginning } = started()
    await beginning(1)
    const waiting = pace.turn(2)
    pace.close()
    expect((await waiting).waitMs).toBe(1)
  })
})
