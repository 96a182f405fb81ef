import { isUtf8 } from 'node:buffer'

/** Cuts a stream of bytes into lines, none of them longer than it may be. */
export interface MessageLines {
  /** Throws an UnfitLine where a line is too long or no UTF-8. */
  push(chunk: Buffer): string[]
  /** Whether a line has begun that has not ended. */
  readonly isHalf: boolean
  readonly longestBytes: number
  allow(longestBytes: number): void
}

export class UnfitLine extends Error {}

const NEW_LINE = 0x0a

export function createMessageLines(longest: number): MessageLines {
  let longestBytes = longest
  let begun: Buffer[] = []
  let bytes = 0

  /** What has ended is read in one go: a call for each line would cost more than the line. */
  function push(chunk: Buffer): string[] {
    const end = chunk.lastIndexOf(NEW_LINE)
    if (end < 0) {
      begin(chunk)
      return []
    }
    const whole = bytes === 0 ? chunk.subarray(0, end) : Buffer.concat([...begun, chunk.subarray(0, end)])
    begun = []
    bytes = 0
    requireShort(whole)
    if (!isUtf8(whole)) throw new UnfitLine('A message was no UTF-8.')
    begin(chunk.subarray(end + 1))
    return whole.toString('utf8').split('\n')
  }

  function begin(part: Buffer): void {
    if (part.length === 0) return
    bytes += part.length
    if (bytes > longestBytes) throw tooLong()
    begun.push(part)
  }

  function requireShort(whole: Buffer): void {
    if (whole.length <= longestBytes) return
    for (let from = 0; from <= whole.length; ) {
      const end = whole.indexOf(NEW_LINE, from)
      if ((end < 0 ? whole.length : end) - from > longestBytes) throw tooLong()
      if (end < 0) return
      from = end + 1
    }
  }

  const tooLong = (): UnfitLine => new UnfitLine(`A message was longer than ${longestBytes.toLocaleString('en')} bytes.`)

  return {
    push,
    get isHalf() {
      return bytes > 0
    },
    get longestBytes() {
      return longestBytes
    },
    allow: (next) => void (longestBytes = next),
  }
}
