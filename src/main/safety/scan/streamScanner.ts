import { kindsIn, type Family } from './families.ts'
import { chooseMatches } from './overlaps.ts'
import type { Decided, Match, StreamScanner } from './scanner.ts'
import { createUndisguiser, type Undisguiser } from './undisguise.ts'

/** How much decided text finders still see: what they may look back at, and a number that they may have to step over. */
const CONTEXT = 128
const LOOK_BACK = 64
/** From so much undecided text on, it is looked through again only when a quarter more has come. */
const MUCH_HELD = 2_048

const NONE: readonly Match[] = []

interface Parts {
  readonly families: readonly Family[]
  isAsked(match: Match): boolean
  told(matches: readonly Match[], plain: Undisguiser): readonly Match[]
}

/** Decides as soon as it can be decided; of what is decided it keeps a little, for those who look back. */
export function createStreamScanner({ families, isAsked, told }: Parts): StreamScanner {
  const plain = createUndisguiser()
  /** What is undecided, as it came; and where in the undisguised text it begins. */
  let held = ''
  let heldFrom = 0
  let settled = 0
  let lookAgainAt = 0
  /** The last decided finding, in the undisguised text: what borders on it is only understood together with it. */
  let lastStart = 0
  let lastEnd = -1

  let all: Match[] = []
  const found = (match: Match): void => {
    if (match.start >= heldFrom && isAsked(match)) all.push(match)
  }

  function decide(isLast: boolean): Decided {
    const text = plain.text
    if (!isLast && text.length < lookAgainAt) return { settled, matches: NONE }
    const kinds = kindsIn(text, heldFrom)
    let openFrom = text.length
    if (!isLast) {
      for (const { finder, openNeeds } of families) {
        if ((openNeeds & kinds) !== 0) openFrom = Math.min(openFrom, finder.openFrom(text, heldFrom))
      }
      openFrom = Math.max(openFrom, heldFrom)
    }
    // What nothing can be said about need not be searched.
    if (openFrom > heldFrom) for (const { finder, findNeeds } of families) if ((findNeeds & kinds) !== 0) finder.find(text, found)
    const chosen = chooseMatches(all, openFrom)
    if (all.length > 0) all = []
    const matches = chosen.matches.length === 0 ? NONE : told(chosen.matches, plain)
    const last = chosen.matches.at(-1)
    if (last) [lastStart, lastEnd] = [last.start, last.end]
    heldFrom = chosen.settled
    const now = isLast ? settled + held.length : plain.startOf(heldFrom)
    if (now > settled) held = held.slice(now - settled)
    settled = now
    forget()
    return { settled, matches }
  }

  function forget(): void {
    let keepFrom = heldFrom - CONTEXT
    if (lastEnd > keepFrom) keepFrom = Math.min(keepFrom, lastStart - LOOK_BACK)
    if (keepFrom > 0) {
      plain.drop(keepFrom)
      heldFrom -= keepFrom
      lastStart -= keepFrom
      lastEnd -= keepFrom
    }
    const undecided = plain.text.length - heldFrom
    lookAgainAt = undecided > MUCH_HELD ? plain.text.length + (undecided >> 2) : 0
  }

  return {
    push(text) {
      held += text
      plain.add(text, false)
      return decide(false)
    },
    end() {
      plain.add('', true)
      return decide(true)
    },
    get held() {
      return held
    },
  }
}
