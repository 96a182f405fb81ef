/** A text with its escapes resolved. */
export interface Decoded {
  readonly text: string
  /** Where in the original the character at this place begins; the original's length for the end. */
  startOf(place: number): number
  /** Whether the original ends within an escape; what there is of it stands in no text. */
  readonly cutOff: boolean
}

const PERCENT = 37
const SIMPLE: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '"': '"', "'": "'", '/': '/', '\\': '\\' }

function collect(): { add: (units: string, from: number) => void; done: (end: number, cutAt: number) => Decoded } {
  const pieces: string[] = []
  // Where pieces begin: here, and in the original.
  const places: number[] = []
  const origins: number[] = []
  let length = 0
  return {
    add(units, from) {
      if (units === '') return
      pieces.push(units)
      places.push(length)
      origins.push(from)
      length += units.length
    },
    done(end, cutAt) {
      places.push(length)
      origins.push(cutAt < 0 ? end : cutAt)
      const startOf = (place: number): number => {
        let [low, high] = [0, places.length - 1]
        while (low < high) {
          const middle = (low + high + 1) >> 1
          if ((places[middle] ?? 0) <= place) low = middle
          else high = middle - 1
        }
        return (origins[low] ?? end) + place - (places[low] ?? 0)
      }
      return { text: pieces.join(''), startOf, cutOff: cutAt >= 0 }
    },
  }
}

export function decodePercent(text: string): Decoded {
  const out = collect()
  let plainFrom = 0
  let i = text.indexOf('%')
  let cutAt = -1
  while (i >= 0) {
    // A run of escapes is one piece of UTF-8.
    const bytes: number[] = []
    const places: number[] = []
    let at = i
    while (text.charCodeAt(at) === PERCENT) {
      const byte = hexPair(text, at + 1)
      if (byte < 0) break
      bytes.push(byte)
      places.push(at)
      at += 3
    }
    const endsHere = text.charCodeAt(at) === PERCENT && at + 2 >= text.length && /^%[0-9A-Fa-f]?$/.test(text.slice(at))
    if (bytes.length > 0 || endsHere) {
      out.add(text.slice(plainFrom, i), plainFrom)
      let b = 0
      while (b < bytes.length) {
        const size = sizeOf(bytes[b] ?? 0)
        // A character of several bytes whose end has not come yet.
        if (b + size > bytes.length && (endsHere || at >= text.length)) {
          cutAt = places[b] ?? at
          break
        }
        out.add(Buffer.from(bytes.slice(b, b + size)).toString('utf8').slice(0, 2), places[b] ?? at)
        b += size
      }
      plainFrom = at
      if (endsHere) {
        cutAt = cutAt < 0 ? at : cutAt
        plainFrom = text.length
        break
      }
    }
    i = text.indexOf('%', Math.max(at, i + 1))
  }
  out.add(text.slice(plainFrom), plainFrom)
  return out.done(text.length, cutAt)
}

function sizeOf(first: number): number {
  if (first >= 0xf0) return 4
  if (first >= 0xe0) return 3
  return first >= 0xc0 ? 2 : 1
}

export function decodeJsonEscapes(text: string): Decoded {
  const out = collect()
  let plainFrom = 0
  let i = text.indexOf('\\')
  let cutAt = -1
  while (i >= 0) {
    const next = text[i + 1]
    let size = 0
    let character = ''
    if (next === undefined) cutAt = i
    else if (next === 'u') {
      const high = hexPair(text, i + 2)
      const low = hexPair(text, i + 4)
      if (high >= 0 && low >= 0) {
        size = 6
        character = String.fromCharCode(high * 256 + low)
      } else if (i + 6 > text.length && /^[0-9A-Fa-f]*$/.test(text.slice(i + 2))) cutAt = i
    } else {
      character = SIMPLE[next] ?? ''
      size = character === '' ? 0 : 2
    }
    if (cutAt >= 0) {
      out.add(text.slice(plainFrom, i), plainFrom)
      plainFrom = text.length
      break
    }
    if (size > 0) {
      out.add(text.slice(plainFrom, i), plainFrom)
      out.add(character, i)
      plainFrom = i + size
    }
    i = text.indexOf('\\', i + Math.max(1, size))
  }
  out.add(text.slice(plainFrom), plainFrom)
  return out.done(text.length, cutAt)
}

function hexPair(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
