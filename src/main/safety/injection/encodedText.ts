interface Decoded {
  readonly text: string
  readonly start: number
  readonly end: number
}

const SHORTEST = 24
const LONGEST = 8_192
const MOST_UNREADABLE = 0.05
const HEX = /^(?:[0-9a-fA-F]{2}){16,}$/

/** Texts in base64 and hex, as far as they are texts. */
export function decodedTexts(text: string): readonly Decoded[] {
  const decoded: Decoded[] = []
  let end = SHORTEST - 1
  let from = 0
  // Every run that is long enough has one of these places in it.
  while (end < text.length) {
    if (!isEncoded(text.charCodeAt(end))) {
      from = end + 1
      end += SHORTEST
      continue
    }
    let start = end
    while (start > from && isEncoded(text.charCodeAt(start - 1))) start--
    let stop = end + 1
    while (stop < text.length && stop - start < LONGEST && isEncoded(text.charCodeAt(stop))) stop++
    if (stop - start >= SHORTEST) {
      const run = text.slice(start, stop)
      const encoding = HEX.test(run) ? 'hex' : 'base64'
      // Enough to tell noise from words.
      if (isReadable(Buffer.from(run.slice(0, 64), encoding).subarray(0, 45))) {
        decoded.push({ text: Buffer.from(run, encoding).toString('utf8'), start, end: stop })
      }
    }
    from = stop
    end = stop + SHORTEST - 1
  }
  return decoded
}

/** Letters, digits and `+ / _ -`. */
function isEncoded(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 47 && code <= 57) || code === 43 || code === 45 || code === 95
}

function isReadable(bytes: Uint8Array): boolean {
  let strange = 0
  let spaces = 0
  for (const byte of bytes) {
    if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) strange++
    if (byte === 32) spaces++
  }
  return strange <= bytes.length * MOST_UNREADABLE && spaces > 0
}
