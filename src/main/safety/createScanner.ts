import type { PrivateType } from '../../shared/domain/safetyRules.ts'
import { apiKeyFinder } from './finders/apiKey.ts'
import { cardFinder } from './finders/card.ts'
import { emailFinder } from './finders/email.ts'
import { ibanFinder } from './finders/iban.ts'
import { ipFinder } from './finders/ip.ts'
import { phoneFinder } from './finders/phone.ts'
import { createSecretFinder } from './finders/secretValue.ts'
import { taxNumberFinder } from './finders/taxNumber.ts'
import { chooseMatches } from './overlaps.ts'
import type { Decided, Finder, Match, Scanner, StreamScanner } from './scanner.ts'
import { createUndisguiser, undisguised, type Undisguiser } from './undisguise.ts'

export interface ScannerRules {
  readonly types: ReadonlySet<PrivateType>
  /** Values that are found wherever they stand, as `secret`. */
  readonly secrets?: readonly string[]
  readonly isNotPrivate?: (match: Match) => boolean
}

const FAMILIES: readonly { readonly finder: Finder; readonly types: readonly PrivateType[] }[] = [
  { finder: apiKeyFinder, types: ['api-key'] },
  { finder: emailFinder, types: ['email'] },
  { finder: ibanFinder, types: ['iban'] },
  { finder: cardFinder, types: ['card'] },
  { finder: taxNumberFinder, types: ['ssn', 'itin'] },
  { finder: phoneFinder, types: ['phone'] },
  { finder: ipFinder, types: ['ip'] },
]

/** How much decided text finders still see: what they may look back at, and a number that they may have to step over. */
const CONTEXT = 128
const LOOK_BACK = 64
/** From so much undecided text on, it is looked through again only when a quarter more has come. */
const MUCH_HELD = 2_048

/** Looks for private things with every finder that the rules ask for. */
export function createScanner({ types, secrets = [], isNotPrivate = () => false }: ScannerRules): Scanner {
  const finders = FAMILIES.filter((family) => family.types.some((type) => types.has(type))).map(({ finder }) => finder)
  // Finders see a text without disguise, so that is how a secret is looked for that looks like one itself.
  const secretsBySight = new Map(secrets.flatMap((secret) => sightsOf(secret).map((sight) => [sight, secret])))
  for (const secret of secrets) secretsBySight.set(secret, secret)
  if (types.has('secret') && secrets.length > 0) finders.unshift(createSecretFinder([...secretsBySight.keys()]))

  function findAll(text: string): Match[] {
    const all: Match[] = []
    const found = (match: Match): void => {
      if (types.has(match.type)) all.push(match)
    }
    for (const finder of finders) finder.find(text, found)
    return all
  }

  function told(matches: readonly Match[], plain: Undisguiser): readonly Match[] {
    return matches
      .map(({ type, start, end, value }) => ({
        type,
        start: plain.startOf(start),
        end: plain.endOf(end),
        value: type === 'secret' ? (secretsBySight.get(value) ?? value) : value,
      }))
      .filter((match) => !isNotPrivate(match))
  }

  return {
    scan(text) {
      const plain = createUndisguiser()
      plain.add(text, true)
      const { matches } = chooseMatches(findAll(plain.text), plain.text.length)
      return matches.length === 0 ? matches : told(matches, plain)
    },
    stream: () => createStream({ finders, findAll, told }),
  }
}

const sightsOf = (secret: string): readonly string[] => [undisguised(secret), undisguised(encodeURIComponent(secret.toWellFormed()))]

interface Parts {
  readonly finders: readonly Finder[]
  findAll(text: string): Match[]
  told(matches: readonly Match[], plain: Undisguiser): readonly Match[]
}

const NONE: readonly Match[] = []

function createStream({ finders, findAll, told }: Parts): StreamScanner {
  const plain = createUndisguiser()
  /** What is undecided, as it came; and where in the undisguised text it begins. */
  let held = ''
  let heldFrom = 0
  let settled = 0
  let lookAgainAt = 0
  /** The last decided finding, in the undisguised text: what borders on it is only understood together with it. */
  let lastStart = 0
  let lastEnd = -1

  function decide(isLast: boolean): Decided {
    const text = plain.text
    if (!isLast && text.length < lookAgainAt) return { settled, matches: NONE }
    let openFrom = text.length
    if (!isLast) for (const finder of finders) openFrom = Math.min(openFrom, finder.openFrom(text))
    const undecided = findAll(text).filter(({ start }) => start >= heldFrom)
    const chosen = chooseMatches(undecided, Math.max(openFrom, heldFrom))
    const matches = chosen.matches.length === 0 ? NONE : told(chosen.matches, plain)
    const last = chosen.matches.at(-1)
    if (last) [lastStart, lastEnd] = [last.start, last.end]
    heldFrom = chosen.settled
    const now = isLast ? settled + held.length : plain.startOf(heldFrom)
    held = held.slice(now - settled)
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
