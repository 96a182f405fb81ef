import type { Finder, Match } from '../scan/scanner.ts'

/** A text while one candidate in it is judged. */
export interface Reading {
  readonly text: string
  /** Whether the judgement looked beyond the text's last character: more text might change it. */
  reachedEnd: boolean
  /** Where what is being judged begins: before the digits may stand a `(` or a `+`. */
  begin: number
}

/** Says what begins at a run of digits. `from`: what stands before it belongs to another match. */
export type Judge = (reading: Reading, run: number, from: number) => Match | null

/** No judge looks further than this from the beginning of its candidate. */
const REACH = 80
/** No value has more digits in one run; a longer run is read no further. */
export const LONGEST_RUN = 20

/** The character's code; -1 beyond the end, which the reading remembers. */
export function codeAt(reading: Reading, index: number): number {
  if (index < reading.text.length) return reading.text.charCodeAt(index)
  reading.reachedEnd = true
  return -1
}

export const isDigit = (code: number): boolean => code >= 48 && code <= 57
export const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)

/** What glues itself to a number. Chinese, Japanese and Korean do not: they write no spaces. */
export const isWord = (code: number): boolean =>
  isDigit(code) || isLetter(code) || code === 95 || (code >= 0xc0 && code <= 0x24f)

/** Where the run of digits at `from` ends; reads at most `LONGEST_RUN` of them. */
export function endOfRun(reading: Reading, from: number): number {
  let at = from
  while (at - from < LONGEST_RUN && isDigit(codeAt(reading, at))) at += 1
  return at
}

/** Whether a run of digits begins at `at`. */
export const isRunAt = (text: string, at: number): boolean =>
  isDigit(text.charCodeAt(at)) && !(at > 0 && isDigit(text.charCodeAt(at - 1)))

const UNDERSCORE = 95

/** Whether the character before `at` is part of a word. The n of an escaped line break `\n` is not, nor is the `_` of emphasis. */
export function isWordBefore(text: string, at: number): boolean {
  if (at === 0) return false
  const code = text.charCodeAt(at - 1)
  if (!isWord(code)) return false
  if (code === UNDERSCORE) return at > 1 && isWord(text.charCodeAt(at - 2))
  const isEscape = code === 110 || code === 114 || code === 116
  return !(isEscape && at > 1 && text.charCodeAt(at - 2) === 92)
}

const HYPHEN = 45
const PERCENT = 37
const DOT = 46
const PLUS = 43
const CURRENCY = new Set([36, 0x20ac, 0xa3, 0xa5])

/** Whether a number that begins at `at` is a piece of something longer: a word, a dashed id, a decimal fraction, a price. */
export function isGluedBefore(text: string, at: number): boolean {
  if (at === 0) return false
  if (isWordBefore(text, at)) return true
  const code = text.charCodeAt(at - 1)
  if (CURRENCY.has(code)) return true
  return (code === HYPHEN || code === DOT || code === PLUS) && isWordBefore(text, at - 1)
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90
const isSmall = (code: number): boolean => code >= 97 && code <= 122

/** `415-555-0132Traceback`: two outputs met without a line's end between them. */
function isNewWordAfter(reading: Reading, at: number): boolean {
  return isCapital(codeAt(reading, at)) && isSmall(codeAt(reading, at + 1)) && isSmall(codeAt(reading, at + 2))
}

export function isWordAfter(reading: Reading, at: number): boolean {
  const code = codeAt(reading, at)
  return isWord(code) && (code !== UNDERSCORE || isWord(codeAt(reading, at + 1))) && !isNewWordAfter(reading, at)
}

/** Whether a number that ends at `at` goes on as something longer. */
export function isGluedAfter(reading: Reading, at: number): boolean {
  const code = codeAt(reading, at)
  if (isWordAfter(reading, at)) return true
  if (code === HYPHEN) return isWord(codeAt(reading, at + 1))
  return code === DOT && isDigit(codeAt(reading, at + 1))
}

/**
 * A finder for what begins with digits, or shortly before them. `candidate` finds quickly, at or before its first digits, whatever the
 * judge might take, and more; `opener` what at a text's very end may be the beginning of one.
 */
export function createDigitFinder(judge: Judge, candidate: RegExp, opener: RegExp | null = null): Finder {
  return {
    find(text, found) {
      const reading: Reading = { text, reachedEnd: false, begin: 0 }
      const other = /\D/g
      let from = 0
      let at = 0
      for (;;) {
        candidate.lastIndex = at
        const hit = candidate.exec(text)
        if (hit === null) return
        const run = beginOfRun(text, hit.index, candidate.lastIndex)
        const match = judge(reading, run, from)
        if (match !== null) {
          found(match)
          from = match.end
          at = from
          continue
        }
        at = endOfRun(reading, run)
        if (at - run < LONGEST_RUN) continue
        other.lastIndex = at
        if (!other.test(text)) return
        at = other.lastIndex - 1
      }
    },
    openFrom(text, from = 0) {
      const begun = opener?.exec(text.slice(-4))
      const limit = begun ? text.length - begun[0].length : text.length
      return openFromOf(text, limit, from, (reading, at) => (isRunAt(text, at) ? judge(reading, at, 0) : null))
    },
  }
}

/** The run of digits that a candidate is about: the one it begins in, or else its first. */
function beginOfRun(text: string, start: number, end: number): number {
  let at = start
  // An encoded plus has a digit of its own.
  if (text.charCodeAt(at) === PERCENT) return end - 1
  while (at < end && !isDigit(text.charCodeAt(at))) at += 1
  while (at > 0 && start - at < LONGEST_RUN && isDigit(text.charCodeAt(at - 1))) at -= 1
  return at
}

/** No value has as many characters without a space. */
const LONGEST_WORD = 48

/** What is settled may reach into a word that what is open goes on with. */
function beginOfWord(text: string, settled: number): number {
  let at = settled
  while (at > 0 && settled - at < LONGEST_WORD && text.charCodeAt(at - 1) > 32) at -= 1
  return at
}

/** Where the first candidate begins whose judgement needs more text, but never in the middle of a match; `limit` where there is none. */
export function openFromOf(text: string, limit: number, settled: number, judgeAt: (reading: Reading, at: number) => Match | null): number {
  const reading: Reading = { text, reachedEnd: false, begin: 0 }
  let last: Match | null = null
  // Twice the reach: a match that began before all that is open may still cover it.
  for (let at = Math.max(0, text.length - 2 * REACH, beginOfWord(text, settled)); at < text.length; at += 1) {
    reading.begin = at
    reading.reachedEnd = false
    const match = judgeAt(reading, at)
    if (reading.reachedEnd) return Math.min(limit, last !== null && reading.begin < last.end ? Math.min(last.start, reading.begin) : reading.begin)
    if (match !== null && (last === null || match.start >= last.end)) last = match
  }
  return limit
}
