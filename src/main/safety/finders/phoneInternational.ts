import type { Match } from '../scan/scanner.ts'
import { isGluedAfter, type Reading } from './digitWalk.ts'
import { hintBefore, type Hint } from './nearbyWords.ts'
import { endOfExtension, type Group } from './phoneGroups.ts'
import { callingCodeOf, isAssignable, isFictional, isPossible } from './phonePlan.ts'
import { PHONE_WORDS } from './phoneWords.ts'

const FEWEST_DIGITS = 7
const MOST_DIGITS = 15
const LONGEST_CALLING_CODE = 3

/** The longest beginning of the groups that is somebody's number, or has its length and is said to be one. America's are judged elsewhere. */
export function judgeInternational(reading: Reading, start: number, groups: readonly Group[], hasExitCode: boolean): Match | null {
  // `+44 (0)20 7946 0958`: the nought is for those who call from within.
  const country = groups[0]?.digits === '00' ? 2 : 1
  const written = groups.filter(({ digits, inParentheses }, index) => index < country || !inParentheses || digits !== '0')
  let hint: Hint = null
  for (let count = written.length; count > 0; count -= 1) {
    const used = written.slice(0, count)
    if (isFraction(used)) continue
    const joined = used.map(({ digits }) => digits).join('')
    const digits = hasExitCode ? joined.slice(2) : joined
    if (digits.length > MOST_DIGITS) continue
    if (digits.length < FEWEST_DIGITS) return null
    const callingCode = callingCodeOf(digits)
    if (callingCode === null || (callingCode === '1' && !hasExitCode)) return null
    const last = used[count - 1]
    if (last === undefined) return null
    const end = endOfExtension(reading, last.end)
    if (end === last.end && isGluedAfter(reading, end)) continue
    const national = digits.slice(callingCode.length)
    if (!isPossible(callingCode, national)) continue
    const isSomebodys = isAssignable(callingCode, national) || isFictional(digits)
    // A plus in front says enough; two noughts need several groups behind them, or a word before them.
    const isPlain = isSomebodys && (!hasExitCode || count >= 3)
    if (!isPlain) hint ??= hintBefore(reading.text, start, PHONE_WORDS) ?? 'against'
    if (isPlain || hint === 'for') {
      return { type: 'phone', start, end, value: `+${digits}` }
    }
  }
  return null
}

/** `+35236450.6`, but not `+44.2079460958`, as registrars write it. */
function isFraction([first, second, third]: readonly Group[]): boolean {
  return third === undefined && second?.separator === '.' && (first?.digits.length ?? 0) > LONGEST_CALLING_CODE
}
