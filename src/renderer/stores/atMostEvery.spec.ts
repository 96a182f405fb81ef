import { expect, it } from 'vitest'
import { createTestTiming } from '../room/testRoom.ts'
import { createAtMostEvery } from './atMostEvery.ts'

it('does it at once, and what is asked meanwhile once at the end', () => {
  const timing = createTestTiming()
  let times = 0
  const paced = createAtMostEvery(1_000, timing, () => (times += 1))
  for (let ask = 0; ask < 10; ask++) paced.ask()
  expect(times).toBe(1)
  timing.pass(1_000)
  expect(times).toBe(2)
  timing.pass(1_000)
  expect(times).toBe(2)
  paced.ask()
  paced.ask()
  paced.stop()
  timing.pass(5_000)
  expect(times).toBe(3)
})
