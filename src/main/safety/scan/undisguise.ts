import {
  beforeSpaces,
  BEGINNINGS,
  codeOf,
  DASH,
  FIRST_OF_PAIR,
  foldOf,
  foldPair,
  GONE,
  isDigit,
  isIdeographicStop,
  isMerely,
  isOpening,
  lengthOf,
  NO_DISGUISE,
  readDisguise,
  TOO_SHORT_TO_TELL,
} from './disguises.ts'
import { hasNoDisguise } from './plainText.ts'

/**
 * Text as it would stand there without disguise: full-width characters and other scripts' digits are made plain, odd spaces and dashes
 * ordinary ones, invisible characters go, `%40`, `&#64;`, `\u0040` and ` [at] ` become what they stand for.
 */
export interface Undisguiser {
  /** Takes the next piece of the original. What may be the beginning of a disguise waits, unless it is the last piece. */
  add(piece: string, isLast: boolean): void
  /** Undisguised, from the first character that was not dropped. */
  readonly text: string
  /** Where in the original the character at this place of the text begins; at its end, where the waiting rest begins. */
  startOf(index: number): number
  /** Whether a place in the text is the same place in the original. */
  readonly isOriginal: boolean
  /** Where in the original the text before this place ends. */
  endOf(index: number): number
  /** Forgets the text before this place. */
  drop(index: number): void
}

/** So many invisible characters in a row are a disguise; what is beyond them parts what stands around it. */
const INVISIBLE_RUN = 16
/** From this length on a text without any disguise is told faster as a whole than character by character. */
const WORTH_A_LOOK = 256

/** Characters that are looked at more closely. A space is looked at from the bracket that follows it. */
const notable = new Uint8Array(0x10000).fill(1, 0x80)
notable.set(BEGINNINGS)
notable[0x20] = 0

export function createUndisguiser(): Undisguiser {
  let text = ''
  /** How many characters were dropped, and where in the original the text begins. */
  let dropped = 0
  let textOrigin = 0
  let isOriginal = true
  let waiting = ''
  let waitingOrigin = 0
  let invisibleRun = 0
  let invisibleEnd = -1
  /** The last character of what was put out: to ask the text itself for it would copy all of it each time. */
  let lastOut = -1
  // Where original and text begin to run in step anew: the place in the text (as if nothing had been dropped), where its character begins
  // in the original, and where the one before it ends there.
  let places: number[] = []
  let origins: number[] = []
  let ends: number[] = []

  function mark(place: number, origin: number, end: number): void {
    isOriginal = false
    const last = places.length - 1
    if (places[last] === place) {
      origins[last] = origin
      return
    }
    places.push(place)
    origins.push(origin)
    ends.push(end)
  }

  /** The last mark at or before the place; -1 where there is none. */
  function markBefore(place: number): number {
    let [low, high] = [0, places.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (places[middle]! <= place) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  function originOf(place: number): number {
    const mark = markBefore(place)
    return mark < 0 ? textOrigin + place - dropped : origins[mark]! + place - places[mark]!
  }

  function add(piece: string, isLast: boolean): void {
    const source = waiting === '' ? piece : waiting + piece
    const length = source.length
    let out = ''
    let copied = 0
    let at = 0
    if (length >= WORTH_A_LOOK && hasNoDisguise(source)) at = length
    for (;;) {
      while (at < length && notable[source.charCodeAt(at)] === 0) at++
      if (at >= length) {
        // Spaces at the end may belong to a bracket that comes.
        if (!isLast) at = beforeSpaces(source, at, copied)
        break
      }
      const code = source.charCodeAt(at)
      let folded = foldOf(code)
      let taken = 1
      if (folded === FIRST_OF_PAIR) {
        if (at + 1 >= length && !isLast) break
        const second = source.charCodeAt(at + 1)
        const meant = second >= 0xdc00 && second <= 0xdfff ? foldPair(code, second) : 0
        if (meant === 0) {
          at += second >= 0xdc00 && second <= 0xdfff ? 2 : 1
          continue
        }
        folded = meant
        taken = 2
      } else if (folded < 0x80 && BEGINNINGS[folded] === 1) {
        if (folded === code && isMerely(code, source, at + 1)) {
          at++
          continue
        }
        const begin = isOpening(folded) ? beforeSpaces(source, at, copied) : at
        const disguise = readDisguise(source, begin, folded, isLast)
        if (disguise === TOO_SHORT_TO_TELL) {
          at = begin
          break
        }
        if (disguise !== NO_DISGUISE) {
          at = begin
          folded = codeOf(disguise)
          taken = lengthOf(disguise)
        }
      } else if (folded === DASH) {
        const before = at > copied ? source.charCodeAt(at - 1) : lastOut
        folded = (before >= 0x30 && before <= 0x39) || before === 0x29 ? 0x2d : code
      }
      if (isIdeographicStop(code)) {
        if (at + 1 >= length && !isLast) break
        // Between digits it ends a sentence: `415-555-0132。2026年`.
        const before = at > copied ? source.charCodeAt(at - 1) : lastOut
        if (isDigit(foldOf(before < 0 ? 0 : before)) && isDigit(foldOf(at + 1 < length ? source.charCodeAt(at + 1) : 0))) folded = code
      }
      if (folded === GONE) {
        const origin = waitingOrigin + at
        invisibleRun = invisibleEnd === origin ? invisibleRun + 1 : 1
        invisibleEnd = origin + taken
        // One that is written out, as `&shy;`, stays as it is beyond the run.
        if (invisibleRun > INVISIBLE_RUN) {
          at += taken
          continue
        }
      } else if (taken === 1 && folded === code) {
        if (code >= 0x80 && foldOf(code) === code) notable[code] = 0
        at++
        continue
      }
      out += source.slice(copied, at)
      if (at > copied) lastOut = source.charCodeAt(at - 1)
      const place = dropped + text.length + out.length
      const origin = waitingOrigin + at
      if (folded === GONE) mark(place, origin + taken, origin)
      else {
        out += String.fromCharCode(folded)
        lastOut = folded
        if (taken > 1) {
          mark(place, origin, origin)
          mark(place + 1, origin + taken, origin + taken)
        }
      }
      at += taken
      copied = at
    }
    out = copied === 0 ? (at === length ? source : source.slice(0, at)) : out + source.slice(copied, at)
    if (out !== '') lastOut = out.charCodeAt(out.length - 1)
    text = text === '' ? out : text + out
    waiting = at === length ? '' : source.slice(at)
    waitingOrigin += at
  }

  return {
    add,
    get text() {
      return text
    },
    get isOriginal() {
      return isOriginal && dropped === 0
    },
    startOf: (index) => (index >= text.length ? waitingOrigin : originOf(dropped + index)),
    endOf(index) {
      const place = dropped + index
      const mark = markBefore(place)
      return mark >= 0 && places[mark] === place ? ends[mark]! : originOf(place - 1) + 1
    },
    drop(index) {
      if (index === 0) return
      const place = dropped + index
      textOrigin = index >= text.length ? waitingOrigin : originOf(place)
      text = text.slice(index)
      dropped = place
      const mark = markBefore(place)
      if (mark < 0) return
      places = places.slice(mark + 1)
      origins = origins.slice(mark + 1)
      ends = ends.slice(mark + 1)
    },
  }
}

/** The whole of a text without disguise. */
export function undisguised(text: string): string {
  const undisguiser = createUndisguiser()
  undisguiser.add(text, true)
  return undisguiser.text
}
