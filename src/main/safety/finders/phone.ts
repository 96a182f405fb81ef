import type { Match } from '../scanner.ts'
import { codeAt, createDigitFinder, endOfRun, isDigit, isGluedAfter, isGluedBefore, isWordBefore, type Reading } from './digitWalk.ts'
import { hintBefore, type Hint } from './nearbyWords.ts'
import { endOfExtension, readGroups, type Group } from './phoneGroups.ts'
import { callingCodeOf, hasAmericanShape, isAmerican, isAssignable, isFictional } from './phonePlan.ts'
import { PHONE_WORDS } from './phoneWords.ts'

const PLUS = 43
const OPEN = 40
const SPACE = 32
const EQUALS = 61

/** Where a number begins whose first digits are at `run`, and whether it is written with its country. */
interface Opening {
  readonly start: number
  readonly isInternational: boolean
}

function openingOf(text: string, run: number, from: number): Opening {
  let start = run
  let isInternational = false
  if (start > from && text.charCodeAt(start - 1) === OPEN) start -= 1
  if (start > from && text.charCodeAt(start - 1) === PLUS) {
    start -= 1
    isInternational = true
    if (start > from && text.charCodeAt(start - 1) === OPEN) start -= 1
  }
  return { start, isInternational }
}

function judgePhone(reading: Reading, run: number, from: number): Match | null {
  const { text } = reading
  const { start, isInternational } = openingOf(text, run, from)
  reading.begin = start
  const first = endOfRun(reading, run) - run
  const isInParentheses = start < run && text.charCodeAt(run - 1) === OPEN
  // Most numbers of a text go no further than this.
  if (!isInternational && first !== 3 && first !== 10 && first !== 6 && first !== 11 && !(first === 1 && text.charCodeAt(run) === 49)) return null
  const groups = readGroups(reading, isInParentheses ? run - 1 : run)
  if (groups.length === 0 || isPieceOfMore(text, start)) return null
  return (isInternational ? judgeInternational(reading, start, groups) : null) ?? judgeAmerican(reading, start, groups, isInternational)
}

function isPieceOfMore(text: string, start: number): boolean {
  const opening = text.charCodeAt(start)
  return opening === OPEN ? isWordBefore(text, start) : isGluedBefore(text, start)
}

interface American {
  readonly national: string
  readonly end: number
  /** In how many groups it is written, without the country's 1. */
  readonly shape: '3-3-4' | '3-7' | '6-4' | '10'
  readonly separators: readonly string[]
  readonly hasParentheses: boolean
  readonly hasCountry: boolean
}

/** The groups as a number of the American plan; null where they are none. */
function readAmerican(groups: readonly Group[], isInternational: boolean): American | null {
  const [first] = groups
  if (first === undefined) return null
  const isAlone = first.digits === '1' && !(groups[1]?.separator.includes('. ') ?? false)
  if (isInternational && !first.digits.startsWith('1')) return null
  const isJoined = !isAlone && first.digits.startsWith('1') && (first.digits.length === 11 || (isInternational && first.digits.length === 4))
  const rest = isAlone ? groups.slice(1) : groups
  const lengths = rest.slice(0, 3).map(({ digits }, index) => digits.length - (isJoined && index === 0 ? 1 : 0))
  const shape = shapeOf(lengths)
  if (shape === null || (isInternational && !isAlone && !isJoined)) return null
  const used = rest.slice(0, shape.split('-').length)
  const written = used.map(({ digits }) => digits).join('')
  return {
    national: isJoined ? written.slice(1) : written,
    end: used.at(-1)?.end ?? 0,
    shape,
    separators: used.slice(1).map(({ separator }) => separator),
    hasParentheses: used[0]?.inParentheses ?? false,
    hasCountry: isAlone || isJoined,
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
  const end = endOfExtension(reading, number.end)
  const hasExtension = end > number.end
  if (!hasExtension && goesOn(reading, number.end)) return null
  if (!hasAmericanShape(national) && !isAmerican(national)) return null
  const isStrong = isInternational || number.hasParentheses || hasExtension
  const hint = isStrong && isAmerican(national) ? null : hintBefore(reading.text, start, PHONE_WORDS)
  if (!isStrong && hint !== 'for' && !isPlainlyWritten(reading, start, number, hint)) return null
  if (hint !== 'for' && !isAmerican(national)) return null
  return { type: 'phone', start, end, value: `+1${national}` }
}

function goesOn(reading: Reading, end: number): boolean {
  if (isGluedAfter(reading, end)) return true
  const code = codeAt(reading, end)
  // `415-555-1322 = -1462`
  return code === EQUALS || (code === SPACE && codeAt(reading, end + 1) === EQUALS)
}

/** Whether a number without country, parentheses and extension is written as only phone numbers are. */
function isPlainlyWritten(reading: Reading, start: number, number: American, hint: Hint): boolean {
  if (hint === 'against') return false
  const { shape, separators } = number
  const [first = '', second = ''] = separators
  // Ten digits in a row are anything: a word must say so, or nothing else be there (a field's whole value).
  if (shape === '10') return isWholeText(reading, start, number.end)
  if (shape === '6-4') return false
  if (shape === '3-7') return first === '-'
  // `415 - 555 - 1322` is arithmetic, `415/555` a share.
  if (first.length > 2 || second.length > 1 || second === '/' || first.includes('\n')) return false
  const isSpaced = first === ' ' && second === ' '
  return !isSpaced || !hasNumberBeside(reading, start, number.end)
}

/** Three groups between other groups are a row of a table. */
function hasNumberBeside(reading: Reading, start: number, end: number): boolean {
  const { text } = reading
  const isAfterNumber = start > 1 && text.charCodeAt(start - 1) === SPACE && isDigit(text.charCodeAt(start - 2))
  return isAfterNumber || (codeAt(reading, end) === SPACE && isDigit(codeAt(reading, end + 1)))
}

const MARGIN = 8
const BLANK = /^[\s"']*$/

function isWholeText(reading: Reading, start: number, end: number): boolean {
  const { text } = reading
  if (start > MARGIN || !BLANK.test(text.slice(0, start))) return false
  let at = end
  while (at - end < MARGIN && BLANK.test(text.charAt(at)) && codeAt(reading, at) !== -1) at += 1
  return codeAt(reading, at) === -1
}

const FEWEST_DIGITS = 7
const MOST_DIGITS = 15

/** The longest beginning of the groups that is somebody's number, or could be and is said to be. */
function judgeInternational(reading: Reading, start: number, groups: readonly Group[]): Match | null {
  const all = groups.filter((group, index) => index === 0 || !(group.inParentheses && group.digits === '0'))
  for (let count = all.length; count > 0; count -= 1) {
    const used = all.slice(0, count)
    const digits = used.map((group) => group.digits).join('')
    const last = used.at(-1)
    if (last === undefined || digits.length > MOST_DIGITS) continue
    if (digits.length < FEWEST_DIGITS) return null
    const callingCode = callingCodeOf(digits)
    if (callingCode === null || callingCode === '1') return null
    const end = endOfExtension(reading, last.end)
    if (end === last.end && goesOn(reading, end)) continue
    const isPhone = isAssignable(callingCode, digits.slice(callingCode.length)) || isFictional(digits)
    if (isPhone) return { type: 'phone', start, end, value: `+${digits}` }
  }
  return null
}

export const phoneFinder = createDigitFinder(judgePhone, /\(?\+?\(?$/)
