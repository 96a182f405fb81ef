/** Where the characters of a decoded string stand in the raw text: runs of equal pace, each beginning after an escape. */
export interface RawPlaces {
  readonly decodedAt: readonly number[]
  readonly rawAt: readonly number[]
}

/** Decodes the inside of one JSON string that comes in pieces. */
export interface Unescaper {
  /** How many characters were decoded. */
  readonly length: number
  readonly places: RawPlaces
  /** Decodes `piece` from one place to another; what is cut within an escape is left, unless this is the last piece. */
  take(piece: string, from: number, to: number, isLast: boolean): { readonly text: string; readonly upTo: number }
  /** Forgets what lies before this place of the decoded string. */
  forgetBefore(position: number): void
}

const SIMPLE: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
const HEX = /^[0-9a-fA-F]{4}$/
const HEX_SO_FAR = /^[0-9a-fA-F]{0,3}$/
const MANY_PLACES = 4_096

export function rawOf({ decodedAt, rawAt }: RawPlaces, position: number): number {
  let low = 0
  let high = decodedAt.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (decodedAt[middle]! <= position) low = middle
    else high = middle - 1
  }
  return rawAt[low]! + position - decodedAt[low]!
}

/** For a string whose inside begins at this place of the raw text. */
export function createUnescaper(rawStart: number): Unescaper {
  let decodedAt = [0]
  let rawAt = [rawStart]
  let length = 0
  let raw = rawStart

  return {
    get length() {
      return length
    },
    get places() {
      return { decodedAt, rawAt }
    },
    take(piece, from, to, isLast) {
      let text = ''
      let at = from
      while (at < to) {
        const backslash = piece.indexOf('\\', at)
        const runEnd = backslash < 0 || backslash >= to ? to : backslash
        if (runEnd > at) {
          text += piece.slice(at, runEnd)
          at = runEnd
          continue
        }
        const letter = at + 1 < to ? piece[at + 1]! : ''
        const digits = letter === 'u' ? piece.slice(at + 2, Math.min(at + 6, to)) : ''
        const isCut = letter === '' || (letter === 'u' && at + 6 > to && HEX_SO_FAR.test(digits))
        if (isCut && !isLast) break
        // What is no escape stands for its letter, as lenient parsers take it.
        const isCode = letter === 'u' && HEX.test(digits)
        text += isCode ? String.fromCharCode(Number.parseInt(digits, 16)) : letter === '' ? '\\' : (SIMPLE[letter] ?? letter)
        at += isCode ? 6 : letter === '' ? 1 : 2
        decodedAt.push(length + text.length)
        rawAt.push(raw + at - from)
      }
      length += text.length
      raw += at - from
      return { text, upTo: at }
    },
    forgetBefore(position) {
      if (decodedAt.length < MANY_PLACES) return
      let first = decodedAt.length - 1
      while (first > 0 && decodedAt[first]! > position) first--
      // New lists: somebody may still ask the old ones.
      decodedAt = decodedAt.slice(first)
      rawAt = rawAt.slice(first)
    },
  }
}
