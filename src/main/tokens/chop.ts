/** As long as a stretch may be that a tokeniser has to merge in one go; its work grows with the square of it. */
const LONGEST_STRETCH = 256

/**
 * Cuts a text where it runs on for too long without a place at which every tokeniser cuts anyhow: before a space after something else, and
 * before punctuation after a letter or digit. Text as people write it stays whole; 16,000 spaces or 8,000 emoji do not. A cut adds a
 * token at most.
 */
export function chop(text: string): string[] {
  const pieces: string[] = []
  let begin = 0
  let boundary = 0
  let previous = 0x20
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if ((code === 0x20 && !isSpace(previous)) || (isPunctuation(code) && isAlphanumeric(previous))) boundary = index
    else if (index - boundary >= LONGEST_STRETCH && !isLowSurrogate(code)) {
      pieces.push(text.slice(begin, index))
      begin = boundary = index
    }
    previous = code
  }
  pieces.push(text.slice(begin))
  return pieces
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 9 && code <= 13)
const isLowSurrogate = (code: number): boolean => (code & 0xfc00) === 0xdc00
const isAlphanumeric = (code: number): boolean => (code >= 48 && code <= 57) || ((code | 0x20) >= 97 && (code | 0x20) <= 122)
/** Of ASCII, less the apostrophe, which belongs to the word before it. */
const isPunctuation = (code: number): boolean => code > 0x20 && code < 0x7f && code !== 0x27 && !isAlphanumeric(code)
