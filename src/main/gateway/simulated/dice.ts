import { createHash } from 'node:crypto'

/** Chance that falls the same way for the same seed and content, wherever and whenever. */
export interface Dice {
  /** At least 0, below `limit`. */
  below(limit: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
  /** Letters and digits, as providers' ids are made of. */
  id(prefix: string, length: number): string
}

const ID_LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function createDice(...content: readonly (string | number)[]): Dice {
  const hash = createHash('sha256')
  for (const piece of content) {
    const text = String(piece)
    // Lengths keep ['ab', 'c'] and ['a', 'bc'] apart.
    hash.update(`${text.length}:`).update(text)
  }
  let state = hash.digest().readUInt32LE(0)

  /** mulberry32: small, and even enough for invented answers. */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  return {
    below: (limit) => next() % limit,
    pick: (choices) => choices[next() % choices.length] ?? choices[0],
    id: (prefix, length) => prefix + Array.from({ length }, () => ID_LETTERS[next() % ID_LETTERS.length]).join(''),
  }
}
