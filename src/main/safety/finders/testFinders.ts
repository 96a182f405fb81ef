import fc from 'fast-check'
import { expect } from 'vitest'
import type { Finder, Match } from '../scan/scanner.ts'

export function matchesOf(finder: Finder, text: string): Match[] {
  const matches: Match[] = []
  finder.find(text, (match) => matches.push(match))
  return matches
}

const plainWord = fc.constantFrom('well', 'so', 'then', 'green', 'quite', 'house', 'and', 'maybe', 'Thursday', 'tea')
const plainWords = fc.array(plainWord, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '))

/** What is found in a text is found in the same way where plain words stand around it. */
export function expectFoundAmongWords(finder: Finder, texts: readonly string[]): void {
  fc.assert(fc.property(fc.constantFrom(...texts), plainWords, plainWords, (text, before, after) => {
    const offset = before.length + 1
    const moved = matchesOf(finder, text).map((match) => ({ ...match, start: match.start + offset, end: match.end + offset }))
    expect(matchesOf(finder, `${before} ${text} ${after}`)).toEqual(moved)
  }), { numRuns: 1000 })
}

function expectSafeCuts(finder: Finder, text: string): void {
  const whole = matchesOf(finder, text)
  let settled = 0
  for (let length = 0; length <= text.length; length += 1) {
    const piece = text.slice(0, length)
    const open = finder.openFrom(piece)
    expect(open).toBeLessThanOrEqual(length)
    // Whoever says how much is settled is told the same.
    expect({ piece, open: Math.max(settled, finder.openFrom(piece, settled)) }).toEqual({ piece, open: Math.max(settled, open) })
    settled = Math.max(settled, open)
    const decided = (matches: readonly Match[]): readonly Match[] => matches.filter(({ end }) => end <= open)
    expect({ piece, matches: decided(matchesOf(finder, piece)) }).toEqual({ piece, matches: decided(whole) })
    // Nothing that begins before what is open, and so has gone on, may turn out later to be part of a match.
    expect({ piece, torn: whole.filter(({ start, end }) => start < open && end > open) }).toEqual({ piece, torn: [] })
  }
}

/** Whatever more comes: what is said about a text's beginning before `openFrom` holds for good. */
export function expectSafeInPieces(finder: Finder, samples: readonly string[]): void {
  for (const sample of samples) expectSafeCuts(finder, sample)
  const scrap = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...samples) },
    { weight: 2, arbitrary: fc.constantFrom(' ', '-', '.', ', ', '\n', '(', ')', '+', ':', '/', '%', 'x', ' ext ', '0', '1', '4', '55', '123', '::', 'a', 'DE', 'ff') },
    { weight: 1, arbitrary: plainWord },
  )
  const text = fc.array(scrap, { minLength: 1, maxLength: 8 }).map((scraps) => scraps.join(''))
  fc.assert(fc.property(text, (whole) => expectSafeCuts(finder, whole)), { numRuns: 300 })
}
