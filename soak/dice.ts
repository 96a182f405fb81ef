/** Chance that can be thrown again: the same seed gives the same throws. */
export interface Dice {
  /** At least 0, below 1. */
  fraction(): number
  /** Whole, both ends among them. */
  between(least: number, most: number): number
  pick<T>(list: readonly T[]): T
  shuffled<T>(list: readonly T[]): T[]
}

/** Mulberry32. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1))
  return {
    fraction,
    between,
    pick: (list) => list[between(0, list.length - 1)]!,
    shuffled(list) {
      const left = [...list]
      return list.map(() => left.splice(between(0, left.length - 1), 1)[0]!)
    },
  }
}
