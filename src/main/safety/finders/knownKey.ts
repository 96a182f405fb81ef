import { classOf, DASH, DIGIT, DOT, FAMILIES_BY_FIRST, LOWER, UNDERSCORE, UPPER, type KeyFamily, type KeyPart } from './keyFamilies.ts'
import { isRandom, STRICT } from './randomness.ts'
import { isDull, nothingRead, runEnd, stretchEnd, type Reading } from './reading.ts'

/** A key is a run of these. */
const RUN = UPPER | LOWER | DIGIT | UNDERSCORE | DASH | DOT
/** No key is shorter. */
const SHORTEST = 19
const ALNUM = UPPER | LOWER | DIGIT
const URL_SAFE = ALNUM | UNDERSCORE | DASH
const FULL_STOP = 46
/** No set of characters has this number, nor one of the next few. */
const FIRST_PART = 240
/** Whether a body is random shows within as many characters. */
const JUDGED = 64

export function findKnownKeys(text: string, found: (start: number, end: number) => void): void {
  const reading = nothingRead()
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
  let mayBegin = true
  while (at + SHORTEST <= stop) {
    const code = text.charCodeAt(at)
    const families = FAMILIES_BY_FIRST[code]
    if (families !== undefined && (mayBegin || (at - start < LONGEST_ESCAPE_END && isAfterEscape(text, at)))) {
      read(text, at, families, reading)
      if (reading.end > at) found(at, reading.end)
    }
    mayBegin = (classOf(code) & ALNUM) === 0
    at++
  }
  return at
}

function read(text: string, at: number, families: readonly KeyFamily[], reading: Reading): void {
  reading.end = -1
  reading.open = false
  for (const family of families) {
    if (text.startsWith(family.prefix, at)) {
      if (family.parts === undefined) readBody(text, at, family, reading)
      else readParts(text, at, family.prefix.length, family.parts, reading)
    } else if (text.length - at < family.prefix.length && family.prefix.startsWith(text.slice(at))) reading.open = true
  }
}

function readBody(text: string, at: number, family: KeyFamily, reading: Reading): void {
  const bodyAt = at + family.prefix.length
  const limit = bodyAt + family.most
  let stop = Math.min(limit, runEnd(text, bodyAt, family.body, reading))
  if (stop === text.length && (stop < limit || family.isOfOneLength) && isPossible(text, at, bodyAt, stop, family)) reading.open = true
  // A full stop after it ends the sentence.
  while (stop > bodyAt && text.charCodeAt(stop - 1) === FULL_STOP) stop--
  if (stop - bodyAt < family.least) return
  if (family.isOfOneLength && (classOf(text.charCodeAt(stop)) & ALNUM) !== 0) return
  if (family.mustBeRandom) {
    const farthest = runEnd(text, bodyAt, family.body, reading)
    if (isDull(text, bodyAt, Math.min(stop, bodyAt + JUDGED), farthest, STRICT, reading)) return
  }
  if (family.isNone?.(text.slice(at, stop)) === true) return
  reading.end = Math.max(reading.end, stop)
}

/** Parts with dots between them; each may have its own beginning. */
function readParts(text: string, at: number, prefixLength: number, ways: readonly (readonly KeyPart[])[], reading: Reading): void {
  for (const parts of ways) {
    let stop = at + prefixLength
    for (const [index, { begins, least, most }] of parts.entries()) {
      if (index > 0) {
        if (stop === text.length) reading.open = true
        if (text.charCodeAt(stop) !== FULL_STOP) break
        stop++
      }
      const from = stop
      stop = Math.min(from + most, partEnd(text, from, index, reading))
      const begun = text.slice(from, Math.min(stop, from + begins.length))
      if (stop === text.length && stop - from < most && begins.startsWith(begun)) reading.open = true
      if (stop - from < least || begun !== begins) break
      if (index === parts.length - 1) reading.end = Math.max(reading.end, stop)
    }
  }
}

/** Each part in turn has a stretch of its own to remember: from the next beginning on the same parts follow. */
function partEnd(text: string, from: number, index: number, reading: Reading): number {
  return stretchEnd(text, from, FIRST_PART + index, reading, (code) => (classOf(code) & URL_SAFE) !== 0)
}

function isPossible(text: string, at: number, bodyAt: number, stop: number, family: KeyFamily): boolean {
  if (family.isNone?.(text.slice(at, stop)) === true) return false
  if (!family.mustBeRandom || stop - bodyAt < JUDGED) return true
  return isRandom(text, bodyAt, bodyAt + JUDGED, STRICT)
}

/** After an escape that ends in letters or digits (`\n`, `%3D`, `\u003d`, a terminal's colour) a word may begin. */
function isAfterEscape(text: string, at: number): boolean {
  return ESCAPE_BEFORE.test(text.slice(Math.max(0, at - LONGEST_ESCAPE), at))
}

const ESCAPE_BEFORE = /(?:\\[nrtbf]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\u001b\[[0-9;]{0,16}[A-Za-z])$/
const LONGEST_ESCAPE = 19
/** As much of it can be taken for a key's own characters. */
const LONGEST_ESCAPE_END = 17

const LONGEST_RUN = 8_192

export function openKnownKey(text: string): number {
  const reading = nothingRead()
  let start = text.length
  const least = Math.max(0, text.length - LONGEST_RUN)
  while (start > least && (classOf(text.charCodeAt(start - 1)) & RUN) !== 0) start--
  let at = start
  while (at < text.length) {
    const families = FAMILIES_BY_FIRST[text.charCodeAt(at)]
    const mayBegin = at === 0 || (classOf(text.charCodeAt(at - 1)) & ALNUM) === 0
    if (families !== undefined && (mayBegin || (at - start < LONGEST_ESCAPE_END && isAfterEscape(text, at)))) {
      read(text, at, families, reading)
      if (reading.open) return at
    }
    at++
  }
  return text.length
}
