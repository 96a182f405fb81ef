import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import type { Match } from './scanner.ts'

/** Of two that overlap the one earlier in this list stays; of two of one type the one that begins first, then the longer. */
const PRECEDENCE: readonly PrivateType[] = ['secret', 'api-key', 'email', 'iban', 'card', 'ssn', 'itin', 'phone', 'ip']

export interface Chosen {
  /** In order, without overlaps; all of them end at or before `settled`. */
  readonly matches: readonly Match[]
  readonly settled: number
}

const NONE: readonly Match[] = []

/**
 * Of all that was found the ones that stay. Before `openFrom` all has been found; what reaches beyond it may still lose to something that
 * comes, and is left for later together with what it may win against.
 */
export function chooseMatches(found: Match[], openFrom: number): Chosen {
  if (found.length === 0) return { matches: NONE, settled: openFrom }
  if (found.length > 1) found.sort(byPlace)
  let settled = openFrom
  let chosen: Match[] = []
  for (const type of PRECEDENCE) {
    const candidates = found.length === 1 ? (found[0]!.type === type ? found : NONE) : found.filter((match) => match.type === type)
    if (candidates.length === 0) continue
    const merged: Match[] = []
    let next = 0
    let freeFrom = 0
    for (const candidate of candidates) {
      for (; next < chosen.length && chosen[next]!.start < candidate.end; next++) {
        merged.push(chosen[next]!)
        freeFrom = Math.max(freeFrom, chosen[next]!.end)
      }
      if (freeFrom > candidate.start) continue
      if (candidate.end > settled) {
        settled = Math.min(settled, candidate.start)
        continue
      }
      merged.push(candidate)
      freeFrom = candidate.end
    }
    for (; next < chosen.length; next++) merged.push(chosen[next]!)
    chosen = merged
  }
  return { matches: chosen, settled }
}

const byPlace = (a: Match, b: Match): number => a.start - b.start || b.end - a.end
