import { describe, expect, it } from 'vitest'
import { createDice } from './dice.ts'

const throws = (...content: (string | number)[]): number[] => {
  const dice = createDice(...content)
  return Array.from({ length: 8 }, () => dice.below(1_000_000))
}

describe('dice', () => {
  it('fall the same way for the same content, and another way for any other', () => {
    expect(throws(1, 'ab', 'c')).toEqual(throws(1, 'ab', 'c'))
    for (const other of [throws(2, 'ab', 'c'), throws(1, 'a', 'bc'), throws(1, 'abc')]) expect(other).not.toEqual(throws(1, 'ab', 'c'))
  })

  it('stay below the limit, and reach all of it', () => {
    const dice = createDice(1)
    const seen = new Set(Array.from({ length: 200 }, () => dice.below(6)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })
})
