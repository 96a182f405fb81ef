const OPENINGS = ['(', '[', '{', '<']

/** Whether nothing in the text is, or may be the beginning of, a disguise; asks whole-text searches that run at memory speed. */
export function hasNoDisguise(text: string): boolean {
  // Only ASCII has as many bytes as characters.
  if (Buffer.byteLength(text) !== text.length) return false
  if (text.includes('%') || text.includes('&') || text.includes('\\')) return false
  return OPENINGS.every((opening) => hasNoWordIn(text, opening))
}

/** Whether no `@`, `.`, `at` or `dot` stands behind an opening bracket. */
function hasNoWordIn(text: string, opening: string): boolean {
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
    if (at + 3 >= text.length || mayBeWord(text, at + 1)) return false
  }
  return true
}

function mayBeWord(text: string, at: number): boolean {
  const first = text.charCodeAt(at)
  if (first === 0x20 || first === 0x40 || first === 0x2e) return true
  const second = text.charCodeAt(at + 1) | 0x20
  return (first | 0x20) === 0x61 ? second === 0x74 : (first | 0x20) === 0x64 && second === 0x6f
}
