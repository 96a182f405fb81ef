const BEGIN = '-----BEGIN '
const HEADER = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y
/** The longest that is waited for; a key of 16,384 bits takes 13 KB. */
const LONGEST = 16_384
const LONGEST_HEADER = 72
/** What stands in a block, also as a string in JSON or joined in a program. */
const INSIDE = /[A-Za-z0-9+/=\s\\:,."'()@_-]*/
const BODY = /[A-Za-z0-9+/=]{32}/
const LAST_OF_BODY = /[A-Za-z0-9+/=]{16,}/g

/** Blocks of PEM that hold private keys, from their first dash to their last. */
export function findPrivateKeys(text: string, found: (start: number, end: number) => void): void {
  let at = text.indexOf(BEGIN)
  while (at >= 0) {
    const end = blockEnd(text, at).end
    if (end > at) found(at, end)
    at = text.indexOf(BEGIN, Math.max(end, at + BEGIN.length))
  }
}

/** Whether more text could still prolong it, and where it ends now; -1 where it is none. */
function blockEnd(text: string, at: number): { end: number; open: boolean } {
  HEADER.lastIndex = at
  if (!HEADER.test(text)) return { end: -1, open: text.length - at < LONGEST_HEADER && /^[A-Z0-9 ]*-{0,4}$/.test(text.slice(at + BEGIN.length)) }
  const bodyAt = HEADER.lastIndex
  const limit = at + LONGEST
  const nextBlock = text.indexOf(BEGIN, bodyAt)
  const farthest = Math.min(limit, nextBlock < 0 ? text.length : nextBlock)
  const inside = INSIDE.exec(text.slice(bodyAt, farthest))?.[0] ?? ''
  const insideEnd = bodyAt + inside.length
  const tail = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.exec(inside)
  if (tail !== null) {
    const end = bodyAt + tail.index + tail[0].length
    return { end: BODY.test(inside.slice(0, tail.index)) ? end : -1, open: false }
  }
  const open = insideEnd === text.length && text.length < limit
  let end = -1
  if (BODY.test(inside)) for (const line of inside.matchAll(LAST_OF_BODY)) end = bodyAt + line.index + line[0].length
  return { end, open }
}

export function openPrivateKey(text: string): number {
  let at = text.indexOf(BEGIN, Math.max(0, text.length - LONGEST))
  let settled = 0
  while (at >= 0) {
    const { end, open } = blockEnd(text, at)
    if (open) return at
    settled = Math.max(end, at + BEGIN.length)
    at = text.indexOf(BEGIN, settled)
  }
  for (let from = Math.max(settled, text.length - BEGIN.length + 1); from < text.length; from++) if (BEGIN.startsWith(text.slice(from))) return from
  return text.length
}
