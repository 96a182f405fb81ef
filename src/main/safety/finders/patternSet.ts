export interface PatternSet {
  readonly longest: number
  /** Every place where one begins; the longest of those that begin there. In order of their beginnings. */
  find(text: string, found: (start: number, end: number, pattern: string) => void): void
  /** Where the longest end of the text begins that is the beginning of a pattern, and not all of it. */
  openFrom(text: string): number
}

const BLOCK = 3
const LONGEST_LEAP = 32

/** Looks for many patterns in one pass after Wu and Manber: it leaps over what ends none of them. All have three characters at least. */
export function createPatternSet(patterns: readonly string[]): PatternSet {
  const sorted = [...new Set(patterns)].sort((a, b) => (a < b ? -1 : 1))
  const shortest = sorted.reduce((least, pattern) => Math.min(least, pattern.length), LONGEST_LEAP)
  const longest = sorted.reduce((most, pattern) => Math.max(most, pattern.length), 0)
  const bits = Math.min(20, Math.max(12, Math.ceil(Math.log2(sorted.length * shortest * 8))))
  const mask = (1 << bits) - 1
  const blockAt = (text: string, end: number): number =>
    ((text.charCodeAt(end) * 0x9e3b) ^ (text.charCodeAt(end - 1) * 0x1f35) ^ (text.charCodeAt(end - 2) * 0x5ad7)) & mask
  const shifts = new Uint8Array(1 << bits).fill(shortest - BLOCK + 1)
  for (const pattern of sorted) {
    for (let end = BLOCK - 1; end < shortest; end++) {
      const block = blockAt(pattern, end)
      shifts[block] = Math.min(shifts[block] ?? 0, shortest - 1 - end)
    }
  }

  const isBeginning = new Uint8Array(256)
  for (const pattern of sorted) isBeginning[pattern.charCodeAt(0) & 0xff] = 1

  /** The span of patterns, of those from `low` to `high`, that have this character at this depth. */
  const narrowed = (low: number, high: number, depth: number, code: number): [number, number] => {
    const first = boundary(low, high, depth, code)
    return [first, boundary(first, high, depth, code + 1)]
  }
  const boundary = (low: number, high: number, depth: number, code: number): number => {
    let from = low
    let to = high
    while (from < to) {
      const middle = (from + to) >> 1
      const here = sorted[middle]?.charCodeAt(depth)
      // A pattern that ends here stands before all that go on.
      if (here === undefined || Number.isNaN(here) || here < code) from = middle + 1
      else to = middle
    }
    return from
  }

  return {
    longest,
    find(text, found) {
      let end = shortest - 1
      while (end < text.length) {
        const shift = shifts[blockAt(text, end)] ?? 0
        if (shift > 0) {
          end += shift
          continue
        }
        const start = end - shortest + 1
        let low = 0
        let high = sorted.length
        let best: string | null = null
        for (let depth = 0; low < high && start + depth < text.length; depth++) {
          ;[low, high] = narrowed(low, high, depth, text.charCodeAt(start + depth))
          const first = sorted[low]
          if (low < high && first !== undefined && first.length === depth + 1) best = first
        }
        if (best !== null) found(start, start + best.length, best)
        end++
      }
    },
    openFrom(text) {
      for (let start = Math.max(0, text.length - longest + 1); start < text.length; start++) {
        if (isBeginning[text.charCodeAt(start) & 0xff] === 0) continue
        let low = 0
        let high = sorted.length
        for (let at = start; low < high && at < text.length; at++) [low, high] = narrowed(low, high, at - start, text.charCodeAt(at))
        // A last one that is longer than what there is goes on.
        if (low < high && (sorted[high - 1]?.length ?? 0) > text.length - start) return start
      }
      return text.length
    },
  }
}
