/** As characters that no screen shows. */
export function inTagCharacters(text: string): string {
  return Array.from(text, (character) => String.fromCodePoint(0xe0000 + (character.codePointAt(0) ?? 0))).join('')
}

export function inBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** One invisible character between any two. */
export function withZeroWidth(text: string, invisible = '\u200b'): string {
  return Array.from(text).join(invisible)
}

/** As two invisible characters, a bit each. */
export function inInvisibleBits(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .replaceAll('0', '\u200b')
    .replaceAll('1', '\u200c')
}
