const LOOK_BACK = 64
const WORD = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])|#/g
/** Behind these a word no longer speaks against a number: another line, number, clause or sentence. */
const CUT = /[\n\d!?;,]|(?<!\b(?:ref|no|nr|inv|art|ord|tkt|vers?))\.\s/gi

/** What may stand between a word and the number it speaks of. */
const LINKS = new Set([
  'number', 'numbers', 'no', 'nr', 'num', 'nos', 'code', 'id', 'ids', 'is', 'was', 'are', 'be', 'as', 'of', 'the', 'a', 'an', 'my', 'your', 'his', 'her',
  'our', 'their', 'its', 'this', 'that', 'for', 'has', 'with', 'equals', 'value', 'and', 'or', 'at', 'on', 'to', 'me', 'us', 'him', 'them', 'now', 'today',
  'back', 'please', 'via', 'directly', 'direct', 'line', 'office', 'work', 'home', 'new', 'old', 'free', 'toll', 'support', 'help', 'details', 'info',
  'information', 'u', 'by', 'package', 'parcel', 'string', 'nbr', 'em', 'it', 'up', 'first', 'instead', 'still', 'under', 'anytime', 'named', 'address', '#',
  'security', 'sec', 'identification', 'ident', 'full', 'complete',
])

export interface Vocabulary {
  /** Nouns that make a number what is looked for, wherever they stand; over line ends too. */
  readonly names: ReadonlySet<string>
  /** Verbs that do so where only small words and names stand between: `call Bob at`, but not `the call took`. */
  readonly asks: ReadonlySet<string>
  /** Words that make it something else, where only small words stand between. */
  readonly denies: ReadonlySet<string>
}

export type Hint = 'for' | 'against' | null

const MOST_NAMES = 2

/** What the words within 64 characters before `start` say; the nearest one counts. camelCase and snake_case are words too. */
export function hintBefore(text: string, start: number, vocabulary: Vocabulary): Hint {
  const before = text.slice(Math.max(0, start - LOOK_BACK), start)
  const words = before.match(WORD)
  if (words === null) return null
  let at = before.length
  let names = 0
  let isLinked = true
  for (let index = words.length - 1; index >= 0; index -= 1) {
    const written = words[index] ?? ''
    at = before.lastIndexOf(written, at - written.length)
    const word = written.toLowerCase()
    if (vocabulary.names.has(word)) return 'for'
    if (!isLinked) continue
    if (names <= MOST_NAMES && vocabulary.asks.has(word)) return 'for'
    // `to order: 415-555-0132`
    const isVerb = words[index - 1]?.toLowerCase() === 'to'
    if (names === 0 && !isVerb && vocabulary.denies.has(word) && !isCut(before, at)) return 'against'
    if (LINKS.has(word)) continue
    const isName = /^[A-Z][a-z]/.test(written)
    if (isName) names += 1
    else isLinked = false
  }
  return null
}

function isCut(before: string, from: number): boolean {
  CUT.lastIndex = from
  return CUT.test(before)
}
