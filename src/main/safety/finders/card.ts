import type { Match } from '../scan/scanner.ts'
import { codeAt, createDigitFinder, endOfRun, isDigit, isGluedAfter, isGluedBefore, type Reading } from './digitWalk.ts'
import { hintBefore, type Vocabulary } from './nearbyWords.ts'

const VOCABULARY: Vocabulary = {
  names: new Set(['card', 'cards', 'visa', 'mastercard', 'amex', 'discover', 'diners', 'maestro', 'jcb', 'unionpay', 'credit', 'debit', 'pan', 'cc', 'ccn']),
  asks: new Set(),
  denies: new Set(['imei', 'ean', 'gtin', 'isbn', 'upc', 'tracking', 'snowflake', 'barcode', 'timestamp', 'iccid', 'nonce']),
}

interface Issuer {
  /** First and last prefix, of the same number of digits. */
  readonly prefixes: readonly (readonly [string, string])[]
  readonly lengths: readonly number[]
}

const ISSUERS: readonly Issuer[] = [
  { prefixes: [['4', '4']], lengths: [13, 16, 19] },
  { prefixes: [['51', '55'], ['2221', '2720']], lengths: [16] },
  { prefixes: [['34', '34'], ['37', '37']], lengths: [15] },
  { prefixes: [['6011', '6011'], ['644', '659'], ['622126', '622925']], lengths: [16, 17, 18, 19] },
  { prefixes: [['300', '305'], ['3095', '3095'], ['36', '36'], ['38', '39']], lengths: [14, 16] },
  { prefixes: [['3528', '3589']], lengths: [16, 17, 18, 19] },
  { prefixes: [['62', '62'], ['81', '81']], lengths: [16, 17, 18, 19] },
  // Maestro.
  {
    prefixes: [['5018', '5018'], ['5020', '5020'], ['5038', '5038'], ['5893', '5893'], ['6304', '6304'], ['6759', '6759'], ['6761', '6763']],
    lengths: [13, 14, 15, 16, 17, 18, 19],
  },
  // Mir, RuPay.
  { prefixes: [['2200', '2204'], ['5085', '5089'], ['6069', '6069'], ['6521', '6522']], lengths: [16] },
]

function hasIssuer(digits: string): boolean {
  return ISSUERS.some(({ prefixes, lengths }) => lengths.includes(digits.length)
    && prefixes.some(([first, last]) => {
      const prefix = digits.slice(0, first.length)
      return prefix >= first && prefix <= last
    }))
}

/** Which four digits a card may begin with: most numbers are out at once. */
const BEGINNINGS = new Uint8Array(10_000)
for (const [first, last] of ISSUERS.flatMap(({ prefixes }) => prefixes)) {
  const length = Math.min(4, first.length)
  const missing = 10 ** (4 - length)
  BEGINNINGS.fill(1, Number(first.slice(0, length)) * missing, (Number(last.slice(0, length)) + 1) * missing)
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const weighted = index % 2 === 1 ? digit * 2 : digit
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}

const SPACE = 32
const HYPHEN = 45
const DOT = 46
const SLASH = 47

/** How cards are printed: in fours, or as American Express and Diners do. */
const GROUPINGS = new Set(['4-4-4-4', '4-4-4-4-1', '4-4-4-4-2', '4-4-4-4-3', '4-6-5', '4-6-4', '4-4-4-2', '4-4-4-1', '6-13', '8-8', '4-4-4-3'])

/** Two groups with a dot between them are a number with a fraction. */
const isFraction = (grouping: string, separator: number): boolean => separator === DOT && grouping.split('-').length === 2

function judgeCard(reading: Reading, run: number): Match | null {
  if (isGluedBefore(reading.text, run)) return null
  const first = endOfRun(reading, run) - run
  if (first >= 13 && first <= 19) return judgeBare(reading, run, run + first)
  if ((first !== 4 && first !== 6 && first !== 8) || BEGINNINGS[Number(reading.text.slice(run, run + 4))] !== 1) return null
  const separator = codeAt(reading, run + first)
  if (separator !== SPACE && separator !== HYPHEN && separator !== DOT) return null
  return judgeGrouped(reading, run, run + first, separator)
}

function judgeBare(reading: Reading, start: number, end: number): Match | null {
  const digits = reading.text.slice(start, end)
  if (isGluedAfter(reading, end) || !hasIssuer(digits) || !passesLuhn(digits)) return null
  const hint = hintBefore(reading.text, start, VOCABULARY)
  // Thirteen digits are first of all an article number.
  if (hint === 'against' || (digits.length < 14 && hint !== 'for')) return null
  return { type: 'card', start, end, value: digits }
}

function judgeGrouped(reading: Reading, start: number, firstEnd: number, separator: number): Match | null {
  const { text } = reading
  if (comesFromBefore(text, start, separator)) return null
  let digits = text.slice(start, firstEnd)
  let grouping = String(digits.length)
  let end = firstEnd
  let best: Match | null = null
  for (let groups = 1; groups < 6 && codeAt(reading, end) === separator; groups += 1) {
    const groupEnd = endOfRun(reading, end + 1)
    if (groupEnd === end + 1) break
    digits += text.slice(end + 1, groupEnd)
    grouping += `-${groupEnd - end - 1}`
    end = groupEnd
    if (digits.length > 19) break
    if (GROUPINGS.has(grouping) && !isFraction(grouping, separator) && !goesOn(reading, end, separator) && hasIssuer(digits) && passesLuhn(digits)) {
      best = { type: 'card', start, end, value: digits }
    }
  }
  if (best === null) return null
  return hintBefore(text, start, VOCABULARY) === 'against' ? null : best
}

/** Behind a card with spaces may stand its expiry, its code or `2 times`, but neither a last digit nor two more groups of four. */
function goesOn(reading: Reading, end: number, separator: number): boolean {
  if (isGluedAfter(reading, end)) return true
  if (separator !== SPACE || codeAt(reading, end) !== SPACE) return false
  const next = endOfRun(reading, end + 1)
  const length = next - end - 1
  const isSpaced = codeAt(reading, next) === SPACE
  if (length === 1) return !isSpaced && !isGluedAfter(reading, next) && codeAt(reading, next) !== SLASH
  return length === 4 && isSpaced && isDigit(codeAt(reading, next + 1))
}

function comesFromBefore(text: string, start: number, separator: number): boolean {
  return separator === SPACE && / \d{4} \d{4} $/.test(` ${text.slice(Math.max(0, start - 11), start)}`)
}

export const cardFinder = createDigitFinder(judgeCard, /[2-68]\d{3}(?:[-. ]\d{4,6}[-. ]|\d\d[-. ]\d{6}|\d{4}[-. ]\d{4}|\d{9})/g)
