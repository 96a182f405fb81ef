import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { openState } from './openState.ts'
import { keepRetention } from './retention.ts'
import type { State } from './repositories.ts'
import { note } from './testEvents.ts'
import { useTestFolders } from './testFolder.ts'

const DAY_MS = 86_400_000
const folders = useTestFolders()
let clock: TestClock
let state: State

beforeEach(async () => {
  clock = createTestClock()
  state = await openState({ dataFolder: folders.make(), clock })
})
afterEach(() => state.close())

const add = (count: number): Promise<unknown> => state.events.append(Array.from({ length: count }, () => ({ announcement: note('invented'), at: clock.now() })))
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('forgets what is older than a month at the start, and again as time goes by', async () => {
  await add(3)
  clock.advance(20 * DAY_MS)
  await add(2)
  clock.advance(11 * DAY_MS)
  const retention = keepRetention(state.events, clock, () => {})
  await nextTurn()
  expect(await state.events.bounds()).toEqual({ oldest: 4, latest: 5 })
  for (let half = 0; half < 40; half++) {
    clock.advance(DAY_MS / 2)
    await nextTurn()
  }
  expect(await state.events.bounds()).toEqual({ oldest: 6, latest: 5 })
  retention.stop()
})

it('looks at once when less is to be kept from now on, and after the look under way where there is one', async () => {
  await add(1)
  clock.advance(10 * DAY_MS)
  await add(1)
  let days = 30
  const retention = keepRetention(state.events, clock, () => {}, () => days)
  days = 5
  retention.lookAgain()
  await nextTurn()
  await nextTurn()
  expect(await state.events.bounds()).toEqual({ oldest: 2, latest: 2 })
  clock.advance(DAY_MS)
  await nextTurn()
  days = 0
  retention.lookAgain()
  await nextTurn()
  expect(await state.events.bounds()).toEqual({ oldest: 3, latest: 2 })
  retention.stop()
  retention.lookAgain()
})

it('tells a defect and goes on', async () => {
  const defects: unknown[] = []
  const mishap = new Error('an invented mishap')
  let calls = 0
  const events = {
    ...state.events,
    forgetBefore: async () => {
      calls++
      throw mishap
    },
  }
  const retention = keepRetention(events, clock, (defect) => defects.push(defect))
  await nextTurn()
  clock.advance(DAY_MS)
  await nextTurn()
  expect(calls).toBe(2)
  expect(defects).toEqual([mishap, mishap])
  retention.stop()
  clock.advance(DAY_MS)
  expect(calls).toBe(2)
})

it('says nothing when the room is closed between two steps', async () => {
  await add(5_000)
  clock.advance(40 * DAY_MS)
  const defects: unknown[] = []
  const retention = keepRetention(state.events, clock, (defect) => defects.push(defect))
  retention.stop()
  await state.close()
  await nextTurn()
  await nextTurn()
  expect(defects).toEqual([])
})
