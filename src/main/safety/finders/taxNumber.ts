import type { Match } from '../scan/scanner.ts'
import { codeAt, createDigitFinder, endOfRun, isDigit, isGluedAfter, isGluedBefore, type Reading } from './digitWalk.ts'
import { hintBefore, type Vocabulary } from './nearbyWords.ts'

const VOCABULARY: Vocabulary = {
  names: new Set(['ssn', 'ssns', 'itin', 'itins', 'taxpayer', 'soc']),
  asks: new Set(['ss', 'social', 'socials', 'tin', 'tax']),
  denies: new Set([
    'sku', 'part', 'parts', 'isbn', 'catalog', 'version', 'build', 'model', 'tracking', 'phone', 'tel', 'fax', 'mobile', 'ticket', 'order',
    'invoice', 'serial', 'lot', 'batch', 'routing', 'account', 'acct', 'zip', 'ein', 'fein', 'duns', 'po', 'patent', 'aba', 'passport', 'release',
  ]),
}

/** Printed in leaflets and adverts, and so typed in demos: found whatever stands before them. */
const SAMPLES = new Set(['078051120', '219099999', '457555462', '123456789', '111111111'])

const SPACE = 32
const HYPHEN = 45
const DOT = 46

function typeOf(digits: string): 'ssn' | 'itin' | null {
  const area = digits.slice(0, 3)
  if (area === '000' || area === '666' || digits.slice(3, 5) === '00' || digits.slice(5) === '0000') return null
  return area >= '900' ? 'itin' : 'ssn'
}

/** The groups that the tax office gives out behind a 9xx. */
function isIssuedItin(digits: string): boolean {
  const group = Number(digits.slice(3, 5))
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || group >= 94
}

/** `SSN-078-05-1120` */
const GLUED_WORD = /(?:^|[^A-Za-z])(?:ssn|itin|tin)[-.]$/i

function judgeTaxNumber(reading: Reading, run: number): Match | null {
  const { text } = reading
  if (isGluedBefore(text, run) && !GLUED_WORD.test(text.slice(Math.max(0, run - 6), run))) return null
  const areaEnd = endOfRun(reading, run)
  const length = areaEnd - run
  if (length === 9) return judgeBare(reading, run)
  if (length !== 3) return null
  const separator = readSeparator(reading, areaEnd)
  if (separator === null) return null
  const group = areaEnd + separator.length
  const groupEnd = endOfRun(reading, group)
  if (groupEnd - group !== 2 || readSeparator(reading, groupEnd) !== separator) return null
  const serial = groupEnd + separator.length
  const end = endOfRun(reading, serial)
  if (end - serial !== 4 || isGluedAfter(reading, end)) return null
  const digits = text.slice(run, areaEnd) + text.slice(group, groupEnd) + text.slice(serial, end)
  const type = typeOf(digits)
  if (type === null || (separator === ' ' && hasNumberBeside(reading, run, end))) return null
  const hint = hintBefore(text, run, VOCABULARY)
  const isPlain = separator === '-' || ((separator === ' ' || separator === '.') && (type === 'ssn' || isIssuedItin(digits)))
  const isMeant = hint === null ? isPlain : hint === 'for' || (isPlain && separator !== '.' && SAMPLES.has(digits))
  return isMeant ? { type, start: run, end, value: digits } : null
}

/** A hyphen, a dot, a space, or a hyphen between spaces. */
function readSeparator(reading: Reading, at: number): string | null {
  const code = codeAt(reading, at)
  if (code === HYPHEN) return '-'
  if (code === DOT) return '.'
  if (code !== SPACE) return null
  if (codeAt(reading, at + 1) !== HYPHEN) return ' '
  return codeAt(reading, at + 2) === SPACE ? ' - ' : null
}

/** Between spaces a number beside it makes it a row of numbers. */
function hasNumberBeside(reading: Reading, start: number, end: number): boolean {
  const { text } = reading
  if (start > 1 && text.charCodeAt(start - 1) === SPACE && isDigit(text.charCodeAt(start - 2))) return true
  return codeAt(reading, end) === SPACE && isDigit(codeAt(reading, end + 1))
}

/** Nine digits are anything: only a word before them makes them a tax number. */
function judgeBare(reading: Reading, run: number): Match | null {
  const end = run + 9
  if (isGluedAfter(reading, end)) return null
  const digits = reading.text.slice(run, end)
  const type = typeOf(digits)
  if (type === null || hintBefore(reading.text, run, VOCABULARY) !== 'for') return null
  return { type, start: run, end, value: digits }
}

export const taxNumberFinder = createDigitFinder(judgeTaxNumber, /\d{3}(?:[-. ]\d\d[-. ]| - \d\d - )|\d{9}/g)
