const LOOK_BACK = 64
const WORD = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])|#/g
/** Behind these a word no longer speaks of the number: another line, number, clause or sentence. */
const CUT = /[\n\d!?;,]|(?<!\b(?:ref|no|nr|inv|art|ord|tkt|vers?))\.\s/gi

export interface Vocabulary {
  /** Words that make a number what is looked for; they speak over line ends too. */
  readonly speaksFor: ReadonlySet<string>
  /** Words that make it something else. */
  readonly speaksAgainst: ReadonlySet<string>
}

export type Hint = 'for' | 'against' | null

/** What the words within 64 characters before `start` say; the nearest one counts. camelCase and snake_case are words too. */
export function hintBefore(text: string, start: number, vocabulary: Vocabulary): Hint {
  const before = text.slice(Math.max(0, start - LOOK_BACK), start)
  const words = before.match(WORD)
  if (words === null) return null
  let at = before.length
  for (let index = words.length - 1; index >= 0; index -= 1) {
    const written = words[index] ?? ''
    at = before.lastIndexOf(written, at - written.length)
    const word = written.toLowerCase()
    if (vocabulary.speaksFor.has(word)) return 'for'
    if (vocabulary.speaksAgainst.has(word)) {
      CUT.lastIndex = at
      return CUT.test(before) ? null : 'against'
    }
  }
  return null
}
