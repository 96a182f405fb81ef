import { printPath, type JsonPlace, type Segment } from './jsonPath.ts'
import type { JsonSighting, JsonString } from './jsonSighting.ts'
import { namesSecret, scanNamed } from './namedValue.ts'
import { scanOften } from '../scan/knownClean.ts'
import type { Match, Scanner, StreamScanner } from '../scan/scanner.ts'

/** Looks through the decoded text of one string, in pieces. */
export interface TextReader {
  push(text: string): TextDecided
  end(): TextDecided
}

export interface TextDecided {
  readonly settled: number
  readonly sightings: readonly JsonSighting[]
}

/** Up to here values repeat: roles, models, types. */
const LONGEST_OFTEN = 40
const BARE_PHONE = /^\s*1?(\d{3})(\d{3})(\d{4})\s*$/
const MAY_BE_NUMBER = /^[\d .()+-]{7,24}$/
const NUMBER_SO_FAR = /^[\d .()+-]{0,24}$/
/** What a preview shows around a match. */
export const CONTEXT = 80
const identity: JsonString['toRaw'] = (edit) => edit

/** Looks through plain text that comes in pieces. */
export function createPlainReader(scanner: Scanner, place: JsonPlace, isKey: boolean, onString?: (string: JsonString) => void): TextReader {
  const stream: StreamScanner = scanner.stream()
  let recent = ''
  let base = 0
  let all = ''
  function sighted({ settled, matches }: { settled: number; matches: readonly Match[] }): TextDecided {
    const sightings: JsonSighting[] = []
    if (matches.length > 0) {
      sightings.push({ path: printPath(place), segments: place.segments, isKey, text: recent, base, matches, toRaw: identity })
    }
    const known = Math.max(base, settled - CONTEXT)
    recent = recent.slice(known - base)
    base = known
    return { settled, sightings }
  }
  return {
    push(text) {
      recent += text
      if (onString) all += text
      return sighted(stream.push(text))
    },
    end() {
      const last = sighted(stream.end())
      onString?.({ path: printPath(place), segments: place.segments, isKey, text: all, toRaw: identity })
      return last
    },
  }
}

/** A value, of which its name may say what it is. */
export function scanValue(scanner: Scanner, text: string, segments: readonly Segment[]): readonly Match[] {
  const matches = text.length > LONGEST_OFTEN ? scanner.scan(text) : scanOften(scanner, text)
  const name = nameOf(segments)
  if (!MAY_BE_NUMBER.test(text)) return matches.length === 0 && namesSecret(name) ? scanNamed(scanner, name, text) : matches
  if (name === undefined || name === '') return matches
  const before = `${name}: `
  if (matches.length > 0) return matches.every(({ type }) => type === 'phone') && isDenied(scanner, before, text) ? [] : matches
  const found = scanOften(scanner, before + text).filter(({ start }) => start >= before.length)
  return found.map((match) => ({ ...match, start: match.start - before.length, end: match.end - before.length }))
}

/** Ten bare digits are a phone number on their own, but not behind a name that denies it even where they are written as one: `order_id`. */
function isDenied(scanner: Scanner, before: string, text: string): boolean {
  const [, area, exchange, line] = BARE_PHONE.exec(text) ?? []
  if (area === undefined) return false
  return !scanOften(scanner, `${before}${area}-${exchange}-${line}`).some(({ start }) => start >= before.length)
}

/** The member that a value belongs to, itself or within a list. */
export function nameOf(segments: readonly Segment[]): string | undefined {
  return segments.findLast((segment) => typeof segment === 'string')
}

/** Whether its name may have to say what it is. */
export const mayBeNumber = (text: string): boolean => MAY_BE_NUMBER.test(text)
export const isNumberSoFar = (text: string): boolean => NUMBER_SO_FAR.test(text)

/** The same for one that came in pieces. */
export function valueDecided(scanner: Scanner, text: string, place: JsonPlace, onString?: (string: JsonString) => void): TextDecided {
  const matches = scanValue(scanner, text, place.segments)
  const string: JsonString = { path: printPath(place), segments: place.segments, isKey: false, text, toRaw: identity }
  onString?.(string)
  return { settled: text.length, sightings: matches.length > 0 ? [{ ...string, base: 0, matches }] : [] }
}
