import { createUnescaper, rawOf, type Unescaper } from './jsonEscapes.ts'
import { printPath, type JsonPlace, type Segment } from './jsonPath.ts'
import { inRaw, outer, type JsonSighting, type JsonString } from './jsonSighting.ts'
import { isSpaceSoFar, literalEnd, looksLikeJson, stringEnd } from './jsonSyntax.ts'
import { CONTEXT, createPlainReader, isNumberSoFar, mayBeNumber, nameOf, scanValue, valueDecided, type TextDecided, type TextReader } from './jsonTexts.ts'
import { mayBeNamed, namesSecret } from './namedValue.ts'
import { scanOften } from '../scan/knownClean.ts'
import type { Edit } from '../desk/safetyDesk.ts'
import type { Match, Scanner } from '../scan/scanner.ts'

export interface JsonDecided {
  /** Of the raw text, in UTF-16 units: everything before is decided and may go on, with the edits that were told. */
  readonly settled: number
  readonly sightings: readonly JsonSighting[]
}

export interface JsonStream {
  push(raw: string): JsonDecided
  end(): JsonDecided
}

export interface JsonStreamOptions {
  /** Told of every string, those in strings that hold JSON included; each is kept whole until then. */
  readonly onString?: (string: JsonString) => void
  /** What stands before every path: `choices[0].message.tool_calls[0].function.arguments`. */
  readonly within?: readonly Segment[]
  /** What looks through a long text instead, by where it stands and how it begins; null for the usual one. */
  readonly scannerOf?: (segments: readonly Segment[], beginning: string) => Scanner | null
}

/** JSON in a string in a string…: what is deeper is plain text. */
const DEEPEST = 6
/** Deeper than any honest document, and no JSON to us: each string knows its place, and the longer that is the more each costs. */
const MOST_NESTED = 500
/** What a finder may look back at. */
const LOOK_BACK = 64
const NO_MATCHES: readonly Match[] = []
const NOTHING_DECIDED: TextDecided = { settled: 0, sightings: [] }

type Expected = 'value' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'value-or-end' | 'nothing'

/** A string whose end has not come yet. */
interface OpenString {
  readonly isKey: boolean
  readonly unescaper: Unescaper
  readonly reader: TextReader
}

/** What is no JSON, from a place on. */
interface PlainText {
  readonly reader: TextReader
  /** Where the reader's text begins: somewhat before. */
  readonly base: number
  readonly from: number
  readonly toRaw: (edit: Edit) => Edit
}

/**
 * Looks through JSON text that comes in pieces, cut anywhere: strings alone, decoded; keys are strings as well. Strings that hold JSON are
 * looked through as JSON. From where it turns out to be none, it is plain text. However it is cut, the same is found.
 */
export function createJsonStream(scanner: Scanner, options: JsonStreamOptions = {}): JsonStream {
  return createLevel(scanner, options, { segments: options.within ?? [], hidden: new Set() }, 0)
}

function createLevel(scanner: Scanner, options: JsonStreamOptions, root: JsonPlace, level: number): JsonStream {
  const { onString } = options
  /** Where we are: for each open object the name of the member, for each open array the index of the item. */
  const kinds: ('object' | 'array')[] = []
  const segments: Segment[] = [...root.segments]
  const hidden = new Set(root.hidden)
  let expected: Expected = 'value'
  let open: OpenString | null = null
  let plain: PlainText | null = null
  /** What came and could not be taken yet: the beginning of a literal or of an escape. */
  let carry = ''
  /** How much came before `carry`. */
  let taken = 0
  /** The last of it. */
  let tail = ''
  let settled = 0
  let sightings: JsonSighting[] = []

  const here = (): JsonPlace => ({ segments: [...segments], hidden: new Set(hidden) })
  const decided = (): JsonDecided => {
    const told = sightings
    sightings = []
    return { settled, sightings: told }
  }

  /** For what lies in a string of ours. */
  function within(toRaw: (edit: Edit) => Edit): JsonStreamOptions {
    return onString ? { onString: (string) => onString({ ...string, toRaw: (edit) => toRaw(string.toRaw(edit)) }) } : {}
  }

  function setKey(text: string, isPrivate: boolean): void {
    const index = segments.length - 1
    segments[index] = text
    if (isPrivate) hidden.add(index)
    else hidden.delete(index)
  }

  function afterString(isKey: boolean): void {
    if (isKey) expected = 'colon'
    else afterValue()
  }

  function afterValue(): void {
    expected = kinds.length === 0 ? 'nothing' : 'comma-or-end'
  }

  /** A string that lies whole in the piece, without its quotes. */
  function wholeString(piece: string, from: number, to: number, hasEscape: boolean, isKey: boolean): void {
    const rawStart = taken + from
    let unescaper: Unescaper | null = null
    let text: string
    if (hasEscape) {
      unescaper = createUnescaper(rawStart)
      ;({ text } = unescaper.take(piece, from, to, true))
    } else text = piece.slice(from, to)
    const isJson = !isKey && level < DEEPEST && looksLikeJson(text)
    const matches = isJson ? NO_MATCHES : isKey ? scanOften(scanner, text) : scanValue(scanner, text, segments)
    if (isKey) setKey(text, matches.length > 0)
    if (isJson || matches.length > 0 || onString) {
      const places = unescaper?.places
      const toRaw = (edit: Edit): Edit => inRaw(edit, (at) => (places ? rawOf(places, at) : rawStart + at))
      const place = here()
      if (isJson) {
        const inner = createLevel(scanner, within(toRaw), place, level + 1)
        for (const part of [inner.push(text), inner.end()]) for (const sighting of part.sightings) sightings.push(outer(sighting, toRaw))
      } else {
        const string: JsonString = { path: printPath(place), segments: place.segments, isKey, text, toRaw }
        onString?.(string)
        if (matches.length > 0) sightings.push({ ...string, base: 0, matches })
      }
    }
    settled = taken + to + 1
    afterString(isKey)
  }

  function openString(from: number, isKey: boolean): void {
    // What a key is will be known at its end.
    if (isKey) setKey('', false)
    const place = here()
    const unescaper = createUnescaper(taken + from)
    const toRaw = (edit: Edit): Edit => inRaw(edit, (at) => rawOf(unescaper.places, at))
    const reader = isKey ? createKeyReader(place, toRaw) : createValueReader(place, within(toRaw))
    open = { isKey, unescaper, reader }
  }

  /** A key is known, and whether it is private, when it has ended. */
  function createKeyReader(place: JsonPlace, toRaw: (edit: Edit) => Edit): TextReader {
    const reader = createPlainReader(scanner, place, true, undefined)
    let text = ''
    let isPrivate = false
    const noting = (part: TextDecided): TextDecided => {
      if (part.sightings.length > 0) isPrivate = true
      return part
    }
    return {
      push(piece) {
        text += piece
        return noting(reader.push(piece))
      },
      end() {
        const part = noting(reader.end())
        setKey(text, isPrivate)
        const known = here()
        onString?.({ path: printPath(known), segments: known.segments, isKey: true, text, toRaw })
        return part
      },
    }
  }

  function createValueReader(place: JsonPlace, inside: JsonStreamOptions): TextReader {
    let lead = ''
    let chosen: TextReader | null = null
    const isNamed = namesSecret(nameOf(place.segments))
    function choose(): TextReader {
      if (level < DEEPEST && looksLikeJson(lead)) return createLevel(scanner, inside, place, level + 1)
      const other = level === 0 ? options.scannerOf?.(place.segments, lead) : null
      return createPlainReader(other ?? scanner, place, false, inside.onString)
    }
    return {
      push(text) {
        if (chosen) return chosen.push(text)
        lead += text
        if (isSpaceSoFar(lead) || isNumberSoFar(lead)) return NOTHING_DECIDED
        // A password is known by its name, and only whole.
        if (isNamed && mayBeNamed(lead) && !looksLikeJson(lead)) return NOTHING_DECIDED
        chosen = choose()
        return chosen.push(lead)
      },
      end() {
        if (chosen) return chosen.end()
        if (mayBeNumber(lead) || isNamed) return valueDecided(scanner, lead, place, inside.onString)
        chosen = choose()
        const { sightings: early } = chosen.push(lead)
        const last = chosen.end()
        return { settled: last.settled, sightings: [...early, ...last.sightings] }
      },
    }
  }

  function take(part: TextDecided, { unescaper }: OpenString): void {
    const { places } = unescaper
    const toRaw = (edit: Edit): Edit => inRaw(edit, (at) => rawOf(places, at))
    for (const sighting of part.sightings) sightings.push(outer(sighting, toRaw))
    settled = Math.max(settled, rawOf(places, part.settled))
    // A string that is told whole may be edited anywhere.
    if (!onString) unescaper.forgetBefore(part.settled - CONTEXT)
  }

  /** Goes on with the open string; gives the place after what could be taken. */
  function continueString(string: OpenString, piece: string, from: number, isLast: boolean): number {
    const end = stringEnd(piece, from)
    const isClosed = end >= 0
    const { text, upTo } = string.unescaper.take(piece, from, isClosed ? end : piece.length, isClosed || isLast)
    if (text !== '') take(string.reader.push(text), string)
    if (!isClosed) return upTo
    take(string.reader.end(), string)
    open = null
    settled = taken + end + 1
    afterString(string.isKey)
    return end + 1
  }

  /** From this token on it is no JSON. */
  function giveUp(piece: string, at: number): void {
    const before = (tail + piece.slice(Math.max(0, at - LOOK_BACK), at)).slice(-LOOK_BACK)
    const from = taken + at
    const base = from - before.length
    // What begins before has gone on as JSON: only the rest can still be taken out.
    const toRaw = ({ start, end, replacement }: Edit): Edit => ({ start: Math.max(from, start + base), end: end + base, replacement })
    const reader = createPlainReader(scanner, root, false, within(toRaw).onString)
    plain = { reader, base, from, toRaw }
    settled = from
    reader.push(before)
  }

  function takePlain(part: TextDecided): void {
    const { base, from, toRaw } = plain!
    for (const sighting of part.sightings) {
      const matches = sighting.matches.filter(({ end }) => end + base > from)
      if (matches.length > 0) sightings.push({ ...outer(sighting, toRaw), matches })
    }
    settled = Math.max(settled, part.settled + base)
  }

  function begin(kind: 'object' | 'array'): void {
    kinds.push(kind)
    segments.push(kind === 'object' ? '' : 0)
    expected = kind === 'object' ? 'key-or-end' : 'value-or-end'
  }

  function close(): void {
    kinds.pop()
    hidden.delete(segments.length - 1)
    segments.pop()
    afterValue()
  }

  /** Takes one character of structure; false where it has no place here. */
  function takeMark(mark: string): boolean {
    const takesValue = expected === 'value' || expected === 'value-or-end'
    const kind = kinds.at(-1)
    if ((mark === '{' || mark === '[') && takesValue && segments.length < MOST_NESTED) begin(mark === '{' ? 'object' : 'array')
    else if (mark === '}' && kind === 'object' && (expected === 'comma-or-end' || expected === 'key-or-end')) close()
    else if (mark === ']' && kind === 'array' && (expected === 'comma-or-end' || expected === 'value-or-end')) close()
    else if (mark === ':' && expected === 'colon') expected = 'value'
    else if (mark === ',' && expected === 'comma-or-end') {
      expected = kind === 'object' ? 'key' : 'value'
      if (kind === 'array') (segments[segments.length - 1] as number)++
    } else return false
    return true
  }

  /** Takes what it can of the piece, and gives how much. */
  function read(piece: string, isLast: boolean): number {
    let backslash = piece.indexOf('\\')
    let at = 0
    while (at < piece.length) {
      if (plain) {
        takePlain(plain.reader.push(piece.slice(at)))
        return piece.length
      }
      if (open) {
        const next = continueString(open, piece, at, isLast)
        if (open) return next
        at = next
        continue
      }
      const mark = piece[at]!
      if (mark === ' ' || mark === '\n' || mark === '\r' || mark === '\t') at++
      else if (mark === '"' && (expected === 'value' || expected === 'value-or-end' || expected === 'key' || expected === 'key-or-end')) {
        const isKey = expected === 'key' || expected === 'key-or-end'
        const start = at + 1
        if (backslash >= 0 && backslash < start) backslash = piece.indexOf('\\', start)
        const quote = piece.indexOf('"', start)
        const hasEscape = backslash >= 0 && (quote < 0 || backslash < quote)
        const end = hasEscape ? stringEnd(piece, start) : quote
        if (end >= 0) wholeString(piece, start, end, hasEscape, isKey)
        else {
          openString(start, isKey)
          settled = taken + start
        }
        at = end >= 0 ? end + 1 : start
        continue
      } else if (takeMark(mark)) at++
      else {
        const end = expected === 'value' || expected === 'value-or-end' ? literalEnd(piece, at, isLast) : null
        if (end === -1) return at
        if (end === null) {
          giveUp(piece, at)
          continue
        }
        at = end
        afterValue()
      }
      settled = taken + at
    }
    return at
  }

  function pass(raw: string, isLast: boolean): void {
    const piece = carry === '' ? raw : carry + raw
    const used = read(piece, isLast)
    carry = piece.slice(used)
    taken += used
    tail = used >= LOOK_BACK ? piece.slice(used - LOOK_BACK, used) : (tail + piece.slice(0, used)).slice(-LOOK_BACK)
  }

  return {
    push(raw) {
      pass(raw, false)
      return decided()
    },
    end() {
      pass('', true)
      if (plain) takePlain(plain.reader.end())
      else if (open) take(open.reader.end(), open)
      settled = taken
      return decided()
    },
  }
}
