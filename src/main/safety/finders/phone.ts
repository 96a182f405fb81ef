import type { Match } from '../scan/scanner.ts'
import { createDigitFinder, endOfRun, isDigit, isGluedAfter, isGluedBefore, isWordBefore, codeAt, type Reading } from './digitWalk.ts'
import { hintBefore, type Hint } from './nearbyWords.ts'
import { hasAmericanShape, isAmerican } from './phonePlan.ts'
import { endOfExtension, mayGoOn, readGroups, type Group } from './phoneGroups.ts'
import { judgeInternational } from './phoneInternational.ts'
import { GROUPED_PHONE_WORDS, PHONE_WORDS } from './phoneWords.ts'

const PLUS = 43
const OPEN = 40
const SPACE = 32
const SMALL_B = 98
const ONE = 49
const ZERO = 48

/** Where a number begins whose first digits are at `run`, and whether it is written with its country. */
interface Opening {
  readonly start: number
  /** Where its groups begin. */
  readonly groups: number
  readonly isInternational: boolean
  /** Where all begins that belongs to it: an encoded plus stays where it is. */
  readonly outer: number
}

const CLOSED_CODE = /^\d{1,3}\)/

function openingOf(text: string, run: number, from: number): Opening {
  let start = run
  if (start > from && text.charCodeAt(start - 1) === OPEN) start -= 1
  const groups = start
  if (start > from && text.charCodeAt(start - 1) === PLUS) {
    start -= 1
    // `(+44) 20 7946 0958`
    const outer = start > from && text.charCodeAt(start - 1) === OPEN ? start - 1 : start
    if (CLOSED_CODE.test(text.slice(run, run + 5))) start = outer
    return { start, groups, isInternational: true, outer }
  }
  // A plus as addresses and forms encode it.
  if ((text.charCodeAt(run - 1) | 32) === SMALL_B && /^%2b$/i.test(text.slice(Math.max(0, run - 3), run))) return { start, groups, isInternational: true, outer: run - 3 }
  return { start, groups, isInternational: false, outer: start }
}

function judgePhone(reading: Reading, run: number, from: number): Match | null {
  const { text } = reading
  const before = run > from ? text.charCodeAt(run - 1) : SPACE
  if (before !== OPEN && before !== PLUS && (before | 32) !== SMALL_B) {
    return isGluedBefore(text, run) || !canBegin(reading, run) ? null : judgeGroups(reading, run, run, false)
  }
  const { start, groups, isInternational, outer } = openingOf(text, run, from)
  reading.begin = text.charCodeAt(outer) === OPEN ? outer : start
  return isPieceOfMore(text, outer) ? null : judgeGroups(reading, start, groups, isInternational)
}

/** Most numbers of a text go no further than this. */
function canBegin(reading: Reading, run: number): boolean {
  const { text } = reading
  if (text.charCodeAt(run) === ZERO) return codeAt(reading, run + 1) === ZERO && codeAt(reading, run + 2) !== ZERO
  const end = endOfRun(reading, run)
  const length = end - run
  if (length === 10) return true
  if (text.charCodeAt(run) === ONE) return length === 11 || ((length === 1 || length === 3) && mayGoOn(reading, end))
  return (length === 3 || length === 6) && mayGoOn(reading, end)
}

function judgeGroups(reading: Reading, start: number, groupsStart: number, isInternational: boolean): Match | null {
  const { text } = reading
  let groups = readGroups(reading, groupsStart)
  let begin = start
  if (groups.length === 0) {
    // `(415 555-0132`: what it opens ends elsewhere.
    if (isInternational || text.charCodeAt(start) !== OPEN) return null
    begin = start + 1
    groups = readGroups(reading, begin)
  }
  const hasExitCode = !isInternational && (groups[0]?.digits.startsWith('00') ?? false)
  if (isInternational || hasExitCode) {
    const match = judgeInternational(reading, begin, groups, hasExitCode)
    if (match !== null || hasExitCode) return match
  }
  return judgeAmerican(reading, begin, groups, isInternational)
}

function isPieceOfMore(text: string, start: number): boolean {
  return text.charCodeAt(start) === OPEN ? isWordBefore(text, start) : isGluedBefore(text, start)
}

interface American {
  readonly national: string
  readonly end: number
  /** In how many groups it is written, without the country's 1. */
  readonly shape: '3-3-4' | '3-7' | '6-4' | '10'
  readonly separators: readonly string[]
  readonly hasParentheses: boolean
}

/** The groups as a number of the American plan; null where they are none. */
function readAmerican(groups: readonly Group[], isInternational: boolean): American | null {
  const [first] = groups
  if (first === undefined || (isInternational && !first.digits.startsWith('1'))) return null
  // `1. 415-555-0132` is the first of a list.
  const isAlone = first.digits === '1' && !(groups[1]?.separator.includes('. ') ?? false)
  // `1.4142135623`
  if (isAlone && groups[1]?.separator === '.' && groups[1].digits.length > 3) return null
  const isJoined = first.digits.startsWith('1') && (first.digits.length === 11 || (isInternational && (first.digits.length === 4 || first.digits.length === 7)))
  if (isInternational && !isAlone && !isJoined) return null
  const rest = isAlone ? groups.slice(1) : groups
  const shape = shapeOf(rest.slice(0, 3).map(({ digits }, index) => digits.length - (isJoined && index === 0 ? 1 : 0)))
  if (shape === null) return null
  const used = rest.slice(0, shape.split('-').length)
  const written = used.map(({ digits }) => digits).join('')
  return {
    national: isJoined ? written.slice(1) : written,
    end: used.at(-1)?.end ?? 0,
    shape,
    separators: used.slice(1).map(({ separator }) => separator),
    hasParentheses: used[0]?.inParentheses ?? false,
  }
}

function shapeOf([a, b, c]: readonly number[]): American['shape'] | null {
  if (a === 3 && b === 3 && c === 4) return '3-3-4'
  if (a === 3 && b === 7) return '3-7'
  if (a === 6 && b === 4) return '6-4'
  return a === 10 ? '10' : null
}

function judgeAmerican(reading: Reading, start: number, groups: readonly Group[], isInternational: boolean): Match | null {
  const number = readAmerican(groups, isInternational)
  if (number === null) return null
  const { national } = number
  const isPlausible = isAmerican(national)
  if (!isPlausible && !hasAmericanShape(national)) return null
  const end = endOfExtension(reading, number.end)
  const hasExtension = end > number.end
  if (!hasExtension && goesOn(reading, number.end)) return null
  const isStrong = isInternational || number.hasParentheses || (hasExtension && number.shape === '3-3-4')
  if (!isPlausible || !isStrong) {
    const hint = hintBefore(reading.text, start, number.shape === '3-3-4' ? GROUPED_PHONE_WORDS : PHONE_WORDS)
    if (hint !== 'for' && !(isPlausible && isPlainlyWritten(reading, start, number, hint)) && !isLabelled(reading.text, start)) return null
  }
  return { type: 'phone', start, end, value: `+1${national}` }
}

/** `p: 4155550132`, `my new number is 4155550132` */
const LABEL = /(?:^|[\s,;|(])[tpmchwof]:\s?$|\b(?:my|your|his|her|their|our)\s(?:(?:new|old|direct|work|home|private|personal|main|office)\s)?number\b[^\n\d]{0,20}$/i

const isLabelled = (text: string, start: number): boolean => LABEL.test(text.slice(Math.max(0, start - 48), start))

function goesOn(reading: Reading, end: number): boolean {
  if (isGluedAfter(reading, end)) return true
  const code = codeAt(reading, end)
  // `415-555-1322 = -1462`
  return code === 61 || (code === SPACE && codeAt(reading, end + 1) === 61)
}

/** Whether a number without country, parentheses and extension is written as only phone numbers are. */
function isPlainlyWritten(reading: Reading, start: number, number: American, hint: Hint): boolean {
  if (hint === 'against') return false
  const { shape, separators } = number
  const [first = '', second = ''] = separators
  // Ten digits in a row are anything: a word must say so, or nothing else be there (a field's whole value).
  if (shape === '10') return !NO_PHONES.has(number.national) && isWholeText(reading, start, number.end)
  if (shape === '6-4') return false
  if (shape === '3-7') return first === '-'
  // `415 - 555 - 1322` is arithmetic, `555/1322` a share.
  if (first.length > 2 || second.length > 1 || second === '/' || first.includes('\n')) return false
  return first !== ' ' || second !== ' ' || !hasNumberBeside(reading, start, number.end)
}

/** Three groups between other groups are a row of a table. */
function hasNumberBeside(reading: Reading, start: number, end: number): boolean {
  const { text } = reading
  const isAfterNumber = start > 1 && text.charCodeAt(start - 1) === SPACE && isDigit(text.charCodeAt(start - 2))
  return isAfterNumber || (codeAt(reading, end) === SPACE && isDigit(codeAt(reading, end + 1)))
}

/** Counting, and where 32 bits end. */
const NO_PHONES = new Set(['1234567890', '2147483647', '2147483648'])

const MARGIN = 8
const BLANK = /^[\s"']*$/

function isWholeText(reading: Reading, start: number, end: number): boolean {
  const { text } = reading
  if (start > MARGIN || !BLANK.test(text.slice(0, start))) return false
  let at = end
  while (at - end < MARGIN && codeAt(reading, at) !== -1 && BLANK.test(text.charAt(at))) at += 1
  return codeAt(reading, at) === -1
}

const CANDIDATE = /\+\(?\d|%2[Bb]\d|\d{3}[-./ ()\n]{1,5}\d{3}|1[-./ ()\n]{0,5}\d{3}|\d{6}[-./ ()\n]{1,5}\d{4}|\d{10}|00[-./ ()\n]{0,5}[1-9]/g

export const phoneFinder = createDigitFinder(judgePhone, CANDIDATE, /\(?\+?\(?$/)
