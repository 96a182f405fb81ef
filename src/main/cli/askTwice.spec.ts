import { expect, it } from 'vitest'
import { askTwice } from './askTwice.ts'
import type { Interruption } from './interruptions.ts'

function setUp(isWorthAsking = true) {
  let now = 0
  const heard: string[] = []
  const press = askTwice({
    clock: { now: () => now },
    isWorthAsking: () => isWorthAsking,
    ask: () => heard.push('ask'),
    end: () => heard.push('end'),
    isEnding: () => heard.push('is ending'),
  })
  return { heard, at: (moment: number, what: Interruption = 'SIGINT') => ((now = moment), press(what)) }
}

it('asks at the first Ctrl-C, ends at a second within five seconds, and says so to a third', () => {
  const { heard, at } = setUp()
  at(0)
  at(5_000)
  at(5_100)
  expect(heard).toEqual(['ask', 'end', 'is ending'])
})

it('asks again where the second comes later', () => {
  const { heard, at } = setUp()
  at(0)
  at(5_001)
  at(5_002)
  expect(heard).toEqual(['ask', 'ask', 'end'])
})

it('takes no clock that was set back for a second within time', () => {
  const { heard, at } = setUp()
  at(10_000)
  at(1_000)
  expect(heard).toEqual(['ask', 'ask'])
})

it('ends at once where nothing would be lost', () => {
  const { heard, at } = setUp(false)
  at(0)
  expect(heard).toEqual(['end'])
})

it.each<Interruption>(['SIGTERM', 'SIGHUP', 'room.stop'])('ends at once at %s', (what) => {
  const { heard, at } = setUp()
  at(0, what)
  expect(heard).toEqual(['end'])
})
