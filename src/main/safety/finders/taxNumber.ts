import type { Match } from '../scanner.ts'
import { codeAt, createDigitFinder, endOfRun, isDigit, isGluedAfter, isGluedBefore, type Reading } from './digitWalk.ts'
import { hintBefore, type Vocabulary } from './nearbyWords.ts'

const VOCABULARY: Vocabulary = {
  speaksFor: new Set(['ssn', 'ssns', 'ssa', 'ss', 'social', 'socials', 'itin', 'itins', 'taxpayer', 'tin', 'tax']),
  speaksAgainst: new Set([
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

function judgeTaxNumber(reading: Reading, run: number): Match | null {
  const { text } = reading
  const areaEnd = endOfRun(reading, run)
  const length = areaEnd - run
  if (length === 9) return judgeBare(reading, run)
  if (length !== 3) return null
  const separator = codeAt(reading, areaEnd)
  if (separator !== HYPHEN && separator !== SPACE && separator !== DOT) return null
  const groupEnd = areaEnd + 3
  if (!isDigit(codeAt(reading, areaEnd + 1)) || !isDigit(codeAt(reading, areaEnd + 2)) || codeAt(reading, groupEnd) !== separator) return null
  const end = endOfRun(reading, groupEnd + 1)
  if (end - groupEnd !== 5 || isGluedAfter(reading, end)) return null
  const digits = text.slice(run, areaEnd) + text.slice(areaEnd + 1, groupEnd) + text.slice(groupEnd + 1, end)
  const type = typeOf(digits)
  if (type === null || isPartOfMore(reading, run, end, separator)) return null
  if (!SAMPLES.has(digits)) {
    const hint = hintBefore(text, run, VOCABULARY)
    if (hint === 'against') return null
    if (type === 'itin' && separator !== HYPHEN && hint !== 'for' && !isIssuedItin(digits)) return null
  }
  return { type, start: run, end, value: digits }
}

const GLUED_WORD = /(?:^|[^A-Za-z])(?:ssn|itin|tin)[-.]$/i

function isPartOfMore(reading: Reading, start: number, end: number, separator: number): boolean {
  const { text } = reading
  if (isGluedBefore(text, start) && !GLUED_WORD.test(text.slice(Math.max(0, start - 6), start))) return true
  if (separator !== SPACE) return false
  if (start > 1 && text.charCodeAt(start - 1) === SPACE && isDigit(text.charCodeAt(start - 2))) return true
  return codeAt(reading, end) === SPACE && isDigit(codeAt(reading, end + 1))
}

/** Nine digits are anything: only a word before them makes them a tax number. */
function judgeBare(reading: Reading, run: number): Match | null {
  const end = run + 9
  if (isGluedAfter(reading, end) || isGluedBefore(reading.text, run)) return null
  const digits = reading.text.slice(run, end)
  const type = typeOf(digits)
  if (type === null || hintBefore(reading.text, run, VOCABULARY) !== 'for') return null
  return { type, start: run, end, value: digits }
}

export const taxNumberFinder = createDigitFinder(judgeTaxNumber)
