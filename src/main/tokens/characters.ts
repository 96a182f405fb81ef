/** Characters (code points) for a token where nobody publishes the tokeniser. */
const CHARACTERS_FOR_A_TOKEN = 4

export function codePoints(text: string): number {
  // Nothing but ASCII has as many bytes as characters, and telling is quick.
  if (Buffer.byteLength(text) === text.length) return text.length
  let count = text.length
  for (let index = 0; index < text.length - 1; index++) {
    if ((text.charCodeAt(index) & 0xfc00) !== 0xd800 || (text.charCodeAt(index + 1) & 0xfc00) !== 0xdc00) continue
    count--
    index++
  }
  return count
}

/** Characters by four, rounded up. */
export function tokensByCharacters(texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + codePoints(text), 0) / CHARACTERS_FOR_A_TOKEN)
}

/**
 * As many tokens as a text may have to a tokeniser that is not published: one for two ASCII characters, one for a byte of all others.
 * Text that people write has half as many; what a provider bills beyond, the ledger shows. Beyond `enough` nobody needs to know.
 */
export function tokensAtMost(texts: readonly string[], enough = Infinity): number {
  let ascii = 0
  let others = 0
  for (const text of texts) {
    const bytes = Buffer.byteLength(text)
    const ofOthers = bytes === text.length ? 0 : bytes - asciiCharacters(text)
    others += ofOthers
    ascii += bytes - ofOthers
    if (others + ascii / 2 >= enough) return enough
  }
  return Math.ceil(ascii / 2) + others
}

function asciiCharacters(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) < 0x80) count++
  return count
}
