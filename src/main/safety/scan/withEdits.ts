import type { Edit } from '../desk/safetyDesk.ts'

/** The text with its edits made; they are in order, and count from its beginning. */
export function withEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text
  let edited = ''
  let done = 0
  for (const { start, end, replacement } of edits) {
    edited += text.slice(done, start) + replacement
    done = end
  }
  return edited + text.slice(done)
}
