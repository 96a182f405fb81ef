import type { Segment } from '../../safety/json/jsonPath.ts'
import { createUnescaper, rawOf } from '../../safety/json/jsonEscapes.ts'
import type { Edit } from '../../safety/desk/safetyDesk.ts'

/** One string of a JSON text. */
export interface JsonLiteral {
  /** Names and indices on the way to it; of a key, those on the way to its value. Of a very long way, its beginning and its end. */
  readonly segments: readonly Segment[]
  readonly isKey: boolean
  readonly text: string
  /** An edit of the decoded string, as one of the JSON text. */
  toRaw(edit: Edit): Edit
}

/** A member whose value is no string, by the places of that value. */
export interface NamedValue {
  readonly start: number
  readonly end: number
  readonly isList: boolean
}

export interface JsonStrings {
  readonly literals: readonly JsonLiteral[]
  /** Values under `logprobs`: they hold the text once more, token by token, and as bytes. */
  readonly logprobs: readonly NamedValue[]
}

/** Finds the strings of a text that is known to be JSON. */
export function stringsOf(json: string): JsonStrings {
  const literals: JsonLiteral[] = []
  const logprobs: NamedValue[] = []
  const segments: Segment[] = []
  /** Of each open value: whether it is a list, and where it began if it is to be told. */
  const open: { readonly isList: boolean; readonly toldFrom: number }[] = []
  let expectsKey = false
  for (let at = 0; at < json.length; ) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      const end = closingQuote(json, at + 1)
      const isKey = expectsKey
      const literal = literalOf(json, at + 1, end, segments, isKey)
      if (isKey) segments[segments.length - 1] = literal.text
      literals.push(isKey ? { ...literal, segments: wayOf(segments) } : literal)
      expectsKey = false
      at = end + 1
      continue
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      const isList = code === OPEN_BRACKET
      open.push({ isList, toldFrom: segments.at(-1) === 'logprobs' ? at : -1 })
      segments.push(isList ? 0 : '')
      expectsKey = !isList
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      const closed = open.pop()
      if (closed && closed.toldFrom >= 0) logprobs.push({ start: closed.toldFrom, end: at + 1, isList: closed.isList })
      segments.pop()
      expectsKey = false
    } else if (code === COMMA) {
      const last = segments.at(-1)
      if (open.at(-1)?.isList && typeof last === 'number') segments[segments.length - 1] = last + 1
      else expectsKey = true
    }
    at++
  }
  return { literals, logprobs }
}

/** What is no JSON, as if it were the inside of a string: whoever reads it may still take its escapes for such. */
export function looseLiteral(text: string): JsonLiteral {
  return literalOf(text, 0, text.length, [], false, (replacement) => replacement)
}

const LONGEST_BEGINNING = 100
const LONGEST_END = 20

/** As it is now. Nothing means anything by being deeper, and a whole way for each string of a deep value is the square of it. */
function wayOf(segments: readonly Segment[]): Segment[] {
  if (segments.length <= LONGEST_BEGINNING + LONGEST_END) return [...segments]
  return [...segments.slice(0, LONGEST_BEGINNING), ...segments.slice(-LONGEST_END)]
}

const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c

/** A string without escapes. */
export function plainLiteral(segments: readonly Segment[], start: number, text: string, write = inString, isKey = false): JsonLiteral {
  const toRaw = (edit: Edit): Edit => ({ start: start + edit.start, end: start + edit.end, replacement: write(edit.replacement) })
  return { segments, isKey, text, toRaw }
}

const inString = (replacement: string): string => JSON.stringify(replacement).slice(1, -1)

function literalOf(
  json: string,
  start: number,
  end: number,
  segments: readonly Segment[],
  isKey: boolean,
  write: (replacement: string) => string = inString,
): JsonLiteral {
  const raw = json.slice(start, end)
  const own = wayOf(segments)
  if (!raw.includes('\\')) return plainLiteral(own, start, raw, write, isKey)
  const unescaper = createUnescaper(start)
  const { text } = unescaper.take(raw, 0, raw.length, true)
  const toRaw = (edit: Edit): Edit => {
    const { places } = unescaper
    return { start: rawOf(places, edit.start), end: rawOf(places, edit.end), replacement: write(edit.replacement) }
  }
  return { segments: own, isKey, text, toRaw }
}

function closingQuote(json: string, from: number): number {
  for (let at = from; ; at++) {
    at = json.indexOf('"', at)
    if (at < 0) return json.length
    let backslashes = 0
    while (json.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return at
  }
}
