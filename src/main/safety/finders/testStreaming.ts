import { chooseMatches } from '../scan/overlaps.ts'
import type { Finder, Match } from '../scan/scanner.ts'
import { matchesOf } from './testFinders.ts'

/** Without overlaps, as the scanner takes them. */
export function chosenMatches(finder: Finder, text: string): readonly Match[] {
  return chooseMatches(matchesOf(finder, text), Infinity).matches
}

/** What a finder may see of what is settled already. */
const LOOK_BACK = 64

/** The first way in which a finder would answer otherwise if the text came in two pieces; null where there is none. */
export function streamingFault(finder: Finder, text: string, cut: number): string | null {
  const prefix = text.slice(0, cut)
  const open = finder.openFrom(prefix)
  const all = chosenMatches(finder, text)
  const early = chosenMatches(finder, prefix)
  const crossing = all.find(({ start, end }) => start < open && end > open)
  if (crossing !== undefined) return `open from ${String(open)} of ${String(cut)} lies within ${shown(crossing)}`
  const earlyCrossing = early.find(({ start, end }) => start < open && end > open)
  if (earlyCrossing !== undefined) return `open from ${String(open)} of ${String(cut)} lies within the early ${shown(earlyCrossing)}`
  const settled = all.filter(({ end }) => end <= open)
  if (listed(settled) !== listed(early.filter(({ end }) => end <= open))) {
    return `settled at ${String(open)} of ${String(cut)}: ${listed(early)} early, ${listed(settled)} in the end`
  }
  const base = Math.max(0, open - LOOK_BACK)
  const lateFound = matchesOf(finder, text.slice(base)).map((match) => ({ ...match, start: match.start + base, end: match.end + base }))
  const late = chooseMatches(
    lateFound.filter(({ start }) => start >= open),
    Infinity,
  ).matches
  const rest = all.filter(({ start }) => start >= open)
  if (listed(late) !== listed(rest)) return `with what stands before ${String(base)} gone: ${listed(late)}, not ${listed(rest)}`
  return null
}

/** Every cut. */
export function firstStreamingFault(finder: Finder, text: string): string | null {
  for (let cut = 0; cut <= text.length; cut++) {
    const fault = streamingFault(finder, text, cut)
    if (fault !== null) return fault
  }
  return null
}

function shown({ start, end, value }: Match): string {
  return `${String(start)}-${String(end)} ${JSON.stringify(value)}`
}

function listed(matches: readonly Match[]): string {
  return `[${matches.map(shown).join(', ')}]`
}
