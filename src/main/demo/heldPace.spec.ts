import { expect, it } from 'vitest'
import { createTestClock } from '../access/testClock.ts'
import { createPace, type Pace } from './pace.ts'

function started(): { pace: Pace; pass(ms: number): Promise<void> } {
  const clock = createTestClock()
  return {
    pace: createPace({ clock, leadsPerHour: 212, speed: 'max' }),
    async pass(ms) {
      clock.advance(ms)
      for (let turn = 0; turn < 6; turn++) await Promise.resolve()
    },
  }
}

it('goes to a lead without a pause and is held there, where both were asked for', async () => {
  const { pace, pass } = started()
  pace.change({ isPaused: true, skipTo: 3 })
  expect(pace.isHeld).toBe(false)
  for (const lead of [1, 2]) expect((await pace.turn(lead)).waitMs).toBe(0)
  const third = pace.turn(3)
  await pass(10_000)
  expect((await third).waitMs).toBe(1)
  expect(pace.isHeld).toBe(true)

  const again = pace.turn(3)
  pace.change({ skipTo: 5 })
  expect((await again).waitMs).toBe(0)
  expect((await pace.turn(4)).waitMs).toBe(0)
  const fifth = pace.turn(5)
  await pass(10_000)
  expect((await fifth).waitMs).toBe(1)

  pace.change({ isPaused: false })
  expect((await pace.turn(5)).waitMs).toBe(0)
})

it('is held at once by a pause during a skip', async () => {
  const { pace, pass } = started()
  pace.change({ skipTo: 50 })
  expect((await pace.turn(1)).waitMs).toBe(0)
  pace.change({ isPaused: true })
  expect(pace.isHeld).toBe(true)
  const second = pace.turn(2)
  await pass(10_000)
  expect((await second).waitMs).toBe(1)
})
