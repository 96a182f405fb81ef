import { classOf, DIGIT, LOWER, UPPER } from './keyFamilies.ts'

const LETTER = UPPER | LOWER
const ALNUM = LETTER | DIGIT

/** From how many letters and digits on a piece without separators is no word: with digits in it, and without. */
export interface Pieces {
  readonly mixed: number
  readonly plain: number
}

/** Where a prefix of its own asks for much, and where the word before it asks for little. */
export const STRICT: Pieces = { mixed: 16, plain: 24 }
export const LENIENT: Pieces = { mixed: 12, plain: 20 }

const CHANGES = 4

/** Up to where it may be a word or a list of words: then it has changed between cases and digits too often, or has too long a piece. */
export function dullEnd(text: string, from: number, to: number, { mixed, plain }: Pieces): number {
  let changes = 0
  let piece = 0
  let seen = 0
  let last = 0
  for (let at = from; at < to; at++) {
    const kind = classOf(text.charCodeAt(at)) & ALNUM
    if (kind === 0) piece = seen = 0
    else {
      piece++
      seen |= kind
      // `Name` is a word: a capital before a small letter is no change.
      if (last !== 0 && kind !== last && !(last === UPPER && kind === LOWER) && ++changes >= CHANGES) return at
      if ((seen & LETTER) !== 0 && piece >= ((seen & DIGIT) !== 0 ? mixed : plain)) return at
    }
    last = kind
  }
  return to
}

export function isRandom(text: string, from: number, to: number, pieces: Pieces): boolean {
  return dullEnd(text, from, to, pieces) < to
}

const counts = new Uint8Array(128)

/** In bits for each character; of its first characters, for it shows soon. */
export function entropy(text: string): number {
  const length = Math.min(text.length, 64)
  counts.fill(0)
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at) & 127
    counts[code] = (counts[code] ?? 0) + 1
  }
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length)
  return bits
}
