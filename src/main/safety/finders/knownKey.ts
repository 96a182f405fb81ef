import { classOf, DASH, DIGIT, DOT, FAMILIES_BY_FIRST, LOWER, UNDERSCORE, UPPER, type KeyFamily } from './keyFamilies.ts'

/** A key is a run of these. */
const RUN = UPPER | LOWER | DIGIT | UNDERSCORE | DASH | DOT
/** No key is shorter. */
const SHORTEST = 19
/** Whether a body is random shows within as many characters. */
const JUDGED = 64

/** How far a key goes that begins here; -1 where none does. */
interface Reading {
  end: number
  /** Whether more text could make, prolong or unmake it. */
  open: boolean
}

export function findKnownKeys(text: string, found: (start: number, end: number) => void): void {
  const reading: Reading = { end: -1, open: false }
  let end = SHORTEST - 1
  let from = 0
  // Every run of SHORTEST has one of these places in it: the rest need not be looked at.
  while (end < text.length) {
    if ((classOf(text.charCodeAt(end)) & RUN) === 0) {
      end += SHORTEST
      from = end - SHORTEST + 1
      continue
    }
    let start = end
    while (start > from && (classOf(text.charCodeAt(start - 1)) & RUN) !== 0) start--
    let stop = end + 1
    if (stop - start < SHORTEST) {
      const reach = start + SHORTEST
      while (stop < text.length && stop < reach && (classOf(text.charCodeAt(stop)) & RUN) !== 0) stop++
      if (stop < reach) {
        from = stop + 1
        end = stop + SHORTEST
        continue
      }
    }
    while (stop < text.length && (classOf(text.charCodeAt(stop)) & RUN) !== 0) stop++
    const last = keysInRun(text, start, stop, reading, found)
    from = Math.max(stop, last)
    end = from + SHORTEST - 1
  }
}

function keysInRun(text: string, start: number, stop: number, reading: Reading, found: (start: number, end: number) => void): number {
  let at = start
  while (at + SHORTEST <= stop) {
    const families = FAMILIES_BY_FIRST[text.charCodeAt(at)]
    if (families !== undefined && isBoundary(text, at)) {
      read(text, at, families, reading)
      if (reading.end > at) {
        found(at, reading.end)
        at = reading.end
        continue
      }
    }
    at++
  }
  return at
}

function read(text: string, at: number, families: readonly KeyFamily[], reading: Reading): void {
  reading.end = -1
  reading.open = false
  for (const family of families) {
    if (!text.startsWith(family.prefix, at)) {
      if (text.length - at < family.prefix.length && family.prefix.startsWith(text.slice(at))) reading.open = true
      continue
    }
    const bodyAt = at + family.prefix.length
    const limit = bodyAt + family.most
    let stop = bodyAt
    while (stop < text.length && stop < limit && (classOf(text.charCodeAt(stop)) & family.body) !== 0) stop++
    const touchesEnd = stop === text.length && stop < limit
    while (text.charCodeAt(stop - 1) === 46 && stop > bodyAt) stop--
    if (touchesEnd && isPossible(text, at, bodyAt, stop, family)) reading.open = true
    if (stop - bodyAt < family.least) continue
    // One of a fixed length is no longer than that.
    if (stop === limit && family.least === family.most && (classOf(text.charCodeAt(stop)) & (UPPER | LOWER | DIGIT)) !== 0) continue
    if (stop === limit && family.least === family.most && stop === text.length) reading.open = true
    if (family.mustBeRandom && !isRandom(text, bodyAt, Math.min(stop, bodyAt + JUDGED))) continue
    if (family.isNone?.(text.slice(at, stop)) === true) continue
    reading.end = Math.max(reading.end, stop)
  }
}

function isPossible(text: string, at: number, bodyAt: number, stop: number, family: KeyFamily): boolean {
  if (family.isNone?.(text.slice(at, stop)) === true) return false
  if (!family.mustBeRandom || stop - bodyAt < JUDGED) return true
  return isRandom(text, bodyAt, bodyAt + JUDGED)
}

/** No word and no list of words: digits or capitals in it, or one long piece. */
function isRandom(text: string, from: number, to: number): boolean {
  let odd = 0
  let piece = 0
  let longest = 0
  for (let at = from; at < to; at++) {
    const kind = classOf(text.charCodeAt(at))
    if ((kind & (DIGIT | UPPER)) !== 0) odd++
    piece = (kind & (UPPER | LOWER | DIGIT)) === 0 ? 0 : piece + 1
    longest = Math.max(longest, piece)
  }
  return odd >= 4 || longest >= 20
}

/** Where no word goes on: also after an escape (`\n`, `%3D`, `\u003d`). */
function isBoundary(text: string, at: number): boolean {
  if (at === 0) return true
  if ((classOf(text.charCodeAt(at - 1)) & (UPPER | LOWER | DIGIT)) === 0) return true
  if (text.charCodeAt(at - 2) === 92) return /[nrtbf]/.test(text[at - 1] ?? '')
  if (text.charCodeAt(at - 3) === 37) return /^[0-9A-Fa-f]{2}$/.test(text.slice(at - 2, at))
  return at >= 6 && text.charCodeAt(at - 6) === 92 && /^u[0-9A-Fa-f]{4}$/.test(text.slice(at - 5, at))
}

const LONGEST_RUN = 8_192

export function openKnownKey(text: string): number {
  const reading: Reading = { end: -1, open: false }
  let start = text.length
  const least = Math.max(0, text.length - LONGEST_RUN)
  while (start > least && (classOf(text.charCodeAt(start - 1)) & RUN) !== 0) start--
  let at = start
  while (at < text.length) {
    const families = FAMILIES_BY_FIRST[text.charCodeAt(at)]
    if (families !== undefined && isBoundary(text, at)) {
      read(text, at, families, reading)
      if (reading.open) return at
      if (reading.end > at) {
        at = reading.end
        continue
      }
    }
    at++
  }
  return text.length
}
