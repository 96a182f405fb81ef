import type { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { DISGUISE, EVERY_KIND, FAMILIES, kindsIn, secretFamily } from './families.ts'
import { createSecretFinder } from '../finders/secretValue.ts'
import { chooseMatches } from './overlaps.ts'
import { hasNoDisguise } from './plainText.ts'
import type { Match, Scanner } from './scanner.ts'
import { createStreamScanner } from './streamScanner.ts'
import { createUndisguiser, undisguised, type Undisguiser } from './undisguise.ts'

export interface ScannerRules {
  readonly types: ReadonlySet<PrivateType>
  /** Values that are found wherever they stand, as `secret`. */
  readonly secrets?: readonly string[]
  readonly isNotPrivate?: (match: Match) => boolean
}

/** Up to here it pays to see first what kinds of characters there are. */
const SHORT = 512

/** Looks for private things with every finder that the rules ask for. */
export function createScanner({ types, secrets = [], isNotPrivate = () => false }: ScannerRules): Scanner {
  const families = FAMILIES.filter((family) => family.types.some((type) => types.has(type)))
  // Finders see a text without disguise, so that is how a secret is looked for that looks like one itself.
  const secretsBySight = new Map(secrets.flatMap((secret) => sightsOf(secret).map((sight) => [sight, secret])))
  for (const secret of secrets) secretsBySight.set(secret, secret)
  if (types.has('secret') && secrets.length > 0) families.unshift(secretFamily(createSecretFinder([...secretsBySight.keys()])))

  const withSecret = (match: Match): Match => (match.type === 'secret' ? { ...match, value: secretsBySight.get(match.value) ?? match.value } : match)
  const isAsked = (match: Match): boolean => types.has(match.type)

  /** Found matches as they stand in the original. */
  function told(matches: readonly Match[], plain: Undisguiser | null): readonly Match[] {
    const original = plain === null || plain.isOriginal
      ? matches
      : matches.map(({ type, start, end, value }) => ({ type, start: plain.startOf(start), end: plain.endOf(end), value }))
    return original.map(withSecret).filter((match) => !isNotPrivate(match))
  }

  let secretsOnly: Scanner | null = null
  return {
    scan(text) {
      const isShort = text.length <= SHORT
      const kinds = isShort ? kindsIn(text, 0) : EVERY_KIND
      const isPlain = isShort ? (kinds & DISGUISE) === 0 : hasNoDisguise(text)
      const plain = isPlain ? null : createUndisguiser()
      plain?.add(text, true)
      const sight = plain?.text ?? text
      const all: Match[] = []
      const found = (match: Match): void => {
        if (isAsked(match)) all.push(match)
      }
      for (const { finder, findNeeds } of families) if (!isPlain || (findNeeds & kinds) !== 0) finder.find(sight, found)
      return all.length === 0 ? all : told(chooseMatches(all, sight.length).matches, plain)
    },
    stream: () => createStreamScanner({ families, isAsked, told }),
    get secretsOnly() {
      return (secretsOnly ??= createScanner({ types: new Set([...types].filter((type) => type === 'secret')), secrets, isNotPrivate }))
    },
  }
}

const sightsOf = (secret: string): readonly string[] => [undisguised(secret), undisguised(encodeURIComponent(secret.toWellFormed()))]
