import { codeAt, isDigit, isWord, LONGEST_RUN, type Reading } from './digitWalk.ts'

/** A run of digits in a number, perhaps in parentheses. */
export interface Group {
  readonly digits: string
  readonly inParentheses: boolean
  /** What stands between the group before and this one; empty at the first. */
  readonly separator: string
  readonly end: number
}

const SPACE = 32
const LINE_FEED = 10
const PLUS = 43
const OPEN = 40
const CLOSE = 41
const MOST_GROUPS = 8
const MOST_DIGITS = 17

const isPunctuation = (code: number): boolean => code === 45 || code === 46 || code === 47

const NONE: readonly Group[] = []

/** Reads groups of digits as they are written in phone numbers, from `start` on; empty where a run is longer than any number. */
export function readGroups(reading: Reading, start: number): readonly Group[] {
  const { text } = reading
  const groups: Group[] = []
  let digits = 0
  let separator = ''
  let at = start
  while (groups.length < MOST_GROUPS) {
    const inParentheses = codeAt(reading, at) === OPEN
    const first = inParentheses ? at + 1 : at
    let end = first
    while (end - first < LONGEST_RUN && isDigit(codeAt(reading, end))) end += 1
    const length = end - first
    if (length === 0 || (inParentheses && codeAt(reading, end) !== CLOSE)) break
    if (length === LONGEST_RUN) return NONE
    digits += length
    if (digits > MOST_DIGITS && groups.length > 0) break
    at = inParentheses ? end + 1 : end
    groups.push({ digits: text.slice(first, end), inParentheses, separator, end: at })
    // `(+44) 20 …` opened before its plus; in `415) 555-0132` it was forgotten.
    const mayClose = length === 3 || (groups.length === 1 && text.charCodeAt(start - 1) === PLUS)
    const isClosed = !inParentheses && mayClose && codeAt(reading, at) === CLOSE
    const next = endOfSeparator(reading, isClosed ? at + 1 : at)
    const code = codeAt(reading, next)
    const isAdjacent = next > at || (inParentheses ? isDigit(code) : code === OPEN)
    if (!isAdjacent || !(isDigit(code) || code === OPEN)) break
    separator = text.slice(at, next)
    at = next
  }
  return groups
}

/** Whether another group may follow a run that ends at `at`: most numbers of a text stand alone. */
export function mayGoOn(reading: Reading, at: number): boolean {
  const code = codeAt(reading, at)
  return code === SPACE || code === LINE_FEED || code === OPEN || code === CLOSE || isPunctuation(code)
}

/** At most a space, a line end or two spaces; one of `-`, `.`, `/`; a space. */
function endOfSeparator(reading: Reading, from: number): number {
  let at = from
  const first = codeAt(reading, at)
  if (first === SPACE || first === LINE_FEED) at += 1
  const second = codeAt(reading, at)
  if (isPunctuation(second)) {
    at += 1
    if (codeAt(reading, at) === SPACE) at += 1
  } else if (at > from && second === SPACE) at += 1
  return at
}

const EXTENSION_WORDS = ['extension', 'extn', 'ext', 'x']
const MOST_EXTENSION_DIGITS = 6

/** The end of an extension that follows a number which ends at `from`; `from` itself where there is none. */
export function endOfExtension(reading: Reading, from: number): number {
  let at = skip(reading, from, ' ,;', 2)
  const word = EXTENSION_WORDS.find((candidate) => isWritten(reading, at, candidate))
  if (word === undefined) return from
  at = skip(reading, at + word.length, ' .:=#', 3)
  let end = at
  while (end - at <= MOST_EXTENSION_DIGITS && isDigit(codeAt(reading, end))) end += 1
  return end === at || end - at > MOST_EXTENSION_DIGITS || isWord(codeAt(reading, end)) ? from : end
}

function skip(reading: Reading, from: number, characters: string, most: number): number {
  let at = from
  while (at - from < most) {
    const code = codeAt(reading, at)
    if (code === -1 || !characters.includes(String.fromCharCode(code))) break
    at += 1
  }
  return at
}

function isWritten(reading: Reading, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index += 1) {
    if ((codeAt(reading, at + index) | 32) !== word.charCodeAt(index)) return false
  }
  return true
}
