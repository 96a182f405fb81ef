import { expect, it } from 'vitest'
import { createFairTurns, type Worker } from './fairTurns.ts'

const nextRound = (): Promise<void> => new Promise((resolve) => void setImmediate(() => setImmediate(resolve)))

/** Each step of work takes a millisecond. */
function open(roundMs: number) {
  let now = 0
  const done: string[] = []
  const turns = createFairTurns({ roundMs, stopwatch: () => now })
  const worker = (name: string, steps: number): Worker => ({
    work() {
      now++
      done.push(name)
      return --steps > 0
    },
  })
  return { turns, done, worker }
}

it('whoever has little to say is heard at once, and whoever has much in turn', async () => {
  const { turns, done, worker } = open(4)
  turns.add(worker('flood', 6))
  expect(done).toEqual(['flood', 'flood', 'flood', 'flood'])
  turns.add(worker('other', 1))
  expect(done).toHaveLength(4)
  await nextRound()
  expect(done).toEqual(['flood', 'flood', 'flood', 'flood', 'flood', 'other', 'flood'])
})

it('everything else has its turn between two rounds', async () => {
  const { turns, done, worker } = open(2)
  setImmediate(() => done.push('else'))
  turns.add(worker('flood', 4))
  await nextRound()
  expect(done).toEqual(['flood', 'flood', 'else', 'flood', 'flood'])
})

it('whoever has gone does nothing any more', async () => {
  const { turns, done, worker } = open(1)
  const flood = worker('flood', 9)
  turns.add(flood)
  turns.remove(flood)
  await nextRound()
  expect(done).toEqual(['flood'])
})
