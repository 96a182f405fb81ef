/** The candidate that a mistyped word most likely meant, or null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const wanted = canonical(word)
  let best: string | null = null
  let bestDistance = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, canonical(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `safetyMode`, `safety-mode` and `SAFETY_MODE` are one word to whoever typed it. */
function canonical(word: string): string {
  return word.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase().replaceAll('-', '_').slice(0, 60)
}

/** Insertions, deletions, replacements and swaps of neighbours (Damerau and Levenshtein's count). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (isSwap) least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1)
      row[j] = least
    }
    beforeLast = last
    last = row
  }
  return last[to.length] ?? 0
}
