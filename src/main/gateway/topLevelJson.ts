/** Where one member of an object stands, in bytes. */
export interface Member {
  readonly key: string
  /** At the key's opening quote. */
  readonly keyStart: number
  readonly valueStart: number
  /** After the value's last byte. */
  readonly valueEnd: number
}

/** Finds the members of an object, or the items of an array, without looking into them; can be asked to stop on the way. */
export interface TopLevelScan {
  readonly kind: 'object' | 'array'
  readonly members: readonly Member[]
  /** Goes on for about so many bytes; true when it is through. */
  advance(bytes: number): boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a

/** Thrown where the text is no JSON; values themselves are not looked into, so that whoever needs them parses them. */
export class NoJson extends Error {}

/** For JSON that begins at `start` with `{` or `[`, white space aside; null where it is something else. */
export function scanTopLevel(json: Buffer, start = 0, end = json.length): TopLevelScan | null {
  let at = skipSpace(json, start, end)
  const opening = json[at]
  if (opening !== 0x7b && opening !== 0x5b) return null
  const kind = opening === 0x7b ? 'object' : 'array'
  const closing = opening === 0x7b ? 0x7d : 0x5d
  const members: Member[] = []
  let keyStart = 0
  let key = ''
  let valueStart = -1
  let depth = 0
  let isThrough = false
  at++

  /** To the value's beginning; false at the closing bracket. */
  function enterMember(): boolean {
    at = skipSpace(json, at, end)
    if (json[at] === closing && members.length === 0) return false
    if (kind === 'object') {
      keyStart = at
      if (json[at] !== QUOTE) throw new NoJson()
      at = stringEnd(json, at, end)
      key = keyOf(json, keyStart, at)
      at = skipSpace(json, at, end)
      if (json[at] !== COLON) throw new NoJson()
      at = skipSpace(json, at + 1, end)
    }
    valueStart = at
    depth = 0
    return true
  }

  /** Past the end of the text after the closing bracket. */
  function finish(): void {
    if (skipSpace(json, at + 1, end) !== end) throw new NoJson()
    isThrough = true
  }

  /** Through the value as far as the limit; true at its end. */
  function passValue(limit: number): boolean {
    while (at < end) {
      const byte = json[at]!
      if (byte === QUOTE) at = stringEnd(json, at, end)
      else if (byte === 0x7b || byte === 0x5b) {
        depth++
        at++
      } else if (byte === 0x7d || byte === 0x5d) {
        if (depth === 0) return true
        depth--
        at++
      } else if (byte === COMMA && depth === 0) return true
      else at++
      if (at >= limit) return false
    }
    throw new NoJson()
  }

  return {
    kind,
    members,
    advance(bytes) {
      const limit = at + bytes
      while (!isThrough) {
        if (valueStart < 0 && !enterMember()) {
          finish()
          break
        }
        if (!passValue(limit)) return false
        const valueEnd = trimmedEnd(json, valueStart, at)
        if (valueEnd === valueStart) throw new NoJson()
        members.push({ key, keyStart, valueStart, valueEnd })
        valueStart = -1
        if (json[at] === closing) finish()
        else if (json[at] === COMMA) at++
        else throw new NoJson()
      }
      return true
    },
  }
}

/** The members of an object that is known to be JSON; null where it is no object. */
export function topLevelMembers(json: Buffer, start = 0, end = json.length): readonly Member[] | null {
  const scan = scanTopLevel(json, start, end)
  if (scan?.kind !== 'object') return null
  scan.advance(Number.POSITIVE_INFINITY)
  return scan.members
}

function skipSpace(json: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(json[at]!)) at++
  return at
}

function trimmedEnd(json: Buffer, start: number, from: number): number {
  let at = from
  while (at > start && isSpace(json[at - 1]!)) at--
  return at
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** After the closing quote of the string that opens at `start`. */
function stringEnd(json: Buffer, start: number, end: number): number {
  for (let at = start + 1; ; at++) {
    at = json.indexOf(QUOTE, at)
    if (at < 0 || at >= end) throw new NoJson()
    let backslashes = 0
    while (json[at - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
}

/** As a parser reads it: `"\u006dodel"` is `model` too. */
function keyOf(json: Buffer, start: number, end: number): string {
  const text = json.toString('utf8', start + 1, end - 1)
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    throw new NoJson()
  }
}
