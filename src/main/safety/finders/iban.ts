import type { Finder, Match } from '../scan/scanner.ts'
import { codeAt, isDigit, isLetter, isWord, isWordAfter, isWordBefore, openFromOf, type Reading } from './digitWalk.ts'

/** How long an IBAN is in each country that has them (SWIFT's register). */
const LENGTHS = new Map(Object.entries({
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28, CZ: 24, DE: 22, DJ: 27,
  DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HN: 28, HR: 21, HU: 28,
  IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22,
  MK: 19, MN: 20, MR: 27, MT: 31, MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, RU: 33, SA: 24,
  SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20, YE: 30,
}))
const FIRST_LETTERS = new Set([...LENGTHS.keys()].map((country) => country.charCodeAt(0)))
const isFirstLetter = (code: number): boolean => isLetter(code) && FIRST_LETTERS.has(code & ~32)

const SPACE = 32
const HYPHEN = 45

function judgeIban(reading: Reading, start: number): Match | null {
  const { text } = reading
  if (!isFirstLetter(text.charCodeAt(start)) || !isLetter(codeAt(reading, start + 1))) return null
  // Words without digits are many.
  if (start + 2 < text.length && !isDigit(text.charCodeAt(start + 2))) return null
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase())
  if (length === undefined || !isDigit(codeAt(reading, start + 2)) || !isDigit(codeAt(reading, start + 3))) return null
  const written = codeAt(reading, start + 4)
  const separator = written === SPACE || written === HYPHEN ? written : null
  let value = text.slice(start, start + 4)
  let end = start + 4
  while (value.length < length) {
    if (separator !== null && value.length % 4 === 0) {
      if (codeAt(reading, end) !== separator) return null
      end += 1
    }
    const code = codeAt(reading, end)
    if (!isDigit(code) && !isLetter(code)) return null
    value += text.charAt(end)
    end += 1
  }
  if (isWordAfter(reading, end) || (codeAt(reading, end) === HYPHEN && isWord(codeAt(reading, end + 1)))) return null
  const upper = value.toUpperCase()
  if ((value !== upper && value !== value.toLowerCase()) || !passesMod97(upper)) return null
  return { type: 'iban', start, end, value: upper }
}

function passesMod97(iban: string): boolean {
  let rest = 0
  for (let index = 0; index < iban.length; index += 1) {
    const code = iban.charCodeAt((index + 4) % iban.length)
    rest = isDigit(code) ? (rest * 10 + code - 48) % 97 : (rest * 100 + code - 55) % 97
  }
  return rest === 1
}

function isGlued(text: string, start: number): boolean {
  return isWordBefore(text, start) || (start > 1 && text.charCodeAt(start - 1) === HYPHEN && isWordBefore(text, start - 1))
}

export const ibanFinder: Finder = {
  find(text, found) {
    const reading: Reading = { text, reachedEnd: false, begin: 0 }
    const candidate = /[A-Za-z]{2}\d\d/g
    while (candidate.test(text)) {
      const start = candidate.lastIndex - 4
      if (isGlued(text, start)) continue
      const match = judgeIban(reading, start)
      if (match === null) continue
      found(match)
      candidate.lastIndex = match.end
    }
  },
  openFrom: (text, from = 0) => openFromOf(text, text.length, from, (reading, at) =>
    isLetter(text.charCodeAt(at)) && !isGlued(text, at) ? judgeIban(reading, at) : null),
}
