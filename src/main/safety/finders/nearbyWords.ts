const LOOK_BACK = 64
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
const HASH = 35

const isSmall = (code: number): boolean => code >= 97 && code <= 122
const isCapital = (code: number): boolean => code >= 65 && code <= 90

/** What the words within 64 characters before `start` say; the nearest one counts. camelCase and snake_case are words too. */
export function hintBefore(text: string, start: number, vocabulary: Vocabulary): Hint {
  const earliest = Math.max(0, start - LOOK_BACK)
  let names = 0
  let isLinked = true
  let end = start
  while (end > earliest) {
    const last = text.charCodeAt(end - 1)
    if (!isSmall(last) && !isCapital(last) && last !== HASH) {
      end -= 1
      continue
    }
    const begin = last === HASH ? end - 1 : beginOfWord(text, earliest, end)
    const word = text.slice(begin, end).toLowerCase()
    end = begin
    if (vocabulary.names.has(word)) return 'for'
    if (!isLinked) continue
    if (names <= MOST_NAMES && vocabulary.asks.has(word)) return 'for'
    if (names === 0 && vocabulary.denies.has(word) && !isVerb(text, earliest, begin) && !isCut(text, begin, start)) return 'against'
    if (LINKS.has(word)) continue
    const isName = isCapital(text.charCodeAt(begin)) && isSmall(text.charCodeAt(begin + 1))
    if (isName) names += 1
    else isLinked = false
  }
  return null
}

/** Where the word begins whose last letter stands before `end`. */
function beginOfWord(text: string, earliest: number, end: number): number {
  let at = end
  while (at > earliest && isSmall(text.charCodeAt(at - 1))) at -= 1
  if (at < end) return at > earliest && isCapital(text.charCodeAt(at - 1)) ? at - 1 : at
  while (at > earliest && isCapital(text.charCodeAt(at - 1))) at -= 1
  return at
}

/** `to order: 415-555-0132` */
const isVerb = (text: string, earliest: number, begin: number): boolean => /\bto\s$/i.test(text.slice(Math.max(earliest, begin - 4), begin))

function isCut(text: string, from: number, to: number): boolean {
  CUT.lastIndex = 0
  return CUT.test(text.slice(from, to))
}
