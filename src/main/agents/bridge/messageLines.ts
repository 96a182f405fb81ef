/** Cuts a stream of bytes into lines, none of them longer than it may be. */
export interface MessageLines {
  /** Throws where a line is too long. */
  push(chunk: Buffer): string[]
}

const NEW_LINE = 0x0a

export function createMessageLines(longestBytes: number): MessageLines {
  let begun: Buffer[] = []
  let bytes = 0

  return {
    push(chunk) {
      const lines: string[] = []
      let from = 0
      for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, from)) {
        take(chunk.subarray(from, end))
        lines.push(Buffer.concat(begun).toString('utf8'))
        begun = []
        bytes = 0
        from = end + 1
      }
      take(chunk.subarray(from))
      return lines
    },
  }

  function take(part: Buffer): void {
    if (part.length === 0) return
    bytes += part.length
    if (bytes > longestBytes) throw new Error(`A message is longer than ${longestBytes} bytes.`)
    begun.push(part)
  }
}
