/** Whether nothing in the text is, or may be the beginning of, a disguise; asks whole-text searches that run at memory speed. */
export function hasNoDisguise(text: string): boolean {
  // Only ASCII has as many bytes as characters.
  if (Buffer.byteLength(text) !== text.length || text.includes('\\') || text.includes('\u001b')) return false
  if (isAnywhere(text, '%', mayBeHex) || isAnywhere(text, '&', mayBeEntity)) return false
  return !['(', '[', '{', '<'].some((opening) => isAnywhere(text, opening, mayBeWord))
}

function isAnywhere(text: string, begin: string, mayFollow: (text: string, at: number) => boolean): boolean {
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at + 1)) {
    if (at + 3 >= text.length || mayFollow(text, at + 1)) return true
  }
  return false
}

function mayBeHex(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)
}

function mayBeEntity(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 0x23 || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)
}

/** `at`, `dot`, `@` and `.`, also behind a space. */
function mayBeWord(text: string, at: number): boolean {
  const first = text.charCodeAt(at)
  if (first === 0x20 || first === 0x40 || first === 0x2e) return true
  const second = text.charCodeAt(at + 1) | 0x20
  return (first | 0x20) === 0x61 ? second === 0x74 : (first | 0x20) === 0x64 && second === 0x6f
}
