const MOST_LEADING_SPACE = 256
const LONGEST_LITERAL = 400
const LITERAL = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
const LITERAL_END = /[\s,:"{}[\]]/g

/** The place of the closing quote; -1 where it has not come. */
export function stringEnd(piece: string, from: number): number {
  let quote = piece.indexOf('"', from)
  let backslash = piece.indexOf('\\', from)
  while (quote >= 0 && backslash >= 0 && backslash < quote) {
    const next = backslash + 2
    if (quote < next) quote = piece.indexOf('"', next)
    backslash = piece.indexOf('\\', next)
  }
  return quote
}

/** By its first character; what is long in coming to it does not. */
export function looksLikeJson(text: string): boolean {
  for (let at = 0; at < text.length && at < MOST_LEADING_SPACE; at++) {
    const mark = text[at]
    if (mark === '{' || mark === '[' || mark === '"') return true
    if (mark !== ' ' && mark !== '\n' && mark !== '\r' && mark !== '\t') return false
  }
  return false
}

/** Whether nothing has come yet that tells what it is. */
export const isSpaceSoFar = (text: string): boolean => text.length < MOST_LEADING_SPACE && text.trimStart() === ''

/** The place after the number, `true`, `false` or `null` that begins here; null where it is none, -1 where its end has not come. */
export function literalEnd(piece: string, at: number, isLast: boolean): number | null {
  LITERAL_END.lastIndex = at
  const end = LITERAL_END.exec(piece)?.index ?? piece.length
  if (end - at > LONGEST_LITERAL) return null
  if (end === piece.length && !isLast) return /[-\dtfn]/.test(piece[at]!) ? -1 : null
  return LITERAL.test(piece.slice(at, end)) ? end : null
}
