import { isUtf8 } from 'node:buffer'
import type { JsonString } from '../../safety/json/jsonSighting.ts'
import { createJsonStream, type JsonDecided } from '../../safety/json/jsonStream.ts'
import type { Segment } from '../../safety/json/jsonPath.ts'
import type { Edit } from '../../safety/desk/safetyDesk.ts'
import type { Match, Scanner } from '../../safety/scan/scanner.ts'
import type { IncomingText } from './incomingTexts.ts'
import { withEdits, type RequestJudge } from './requestJudge.ts'
import { directionOf, isMachineData, isMachineText } from './requestPlaces.ts'

/** A body as it was read. */
export interface ReadBody {
  readonly bytes: Buffer
  /** Null where it is too large for one go. */
  readonly text: string | null
  /** Null where it is no JSON. */
  readonly json: unknown
  /** Documents in it that are text behind base64, by the place where that stands. */
  readonly encoded: ReadonlyMap<string, IncomingText>
}

/** About a millisecond of work; what is meant to cost time costs ten. */
export const SLICE_BYTES = 16 * 1024

/** Looks through a body, slice by slice; gives the very same bytes where nothing is taken out. Null where it is no text. */
export function* lookThroughBody(body: ReadBody, judge: RequestJudge): Generator<void, Buffer | null> {
  const { bytes, json, encoded } = body
  if (!isUtf8(bytes)) return null
  const edits: Edit[] = []
  const names = createNames()
  const documents: { readonly string: JsonString; readonly document: IncomingText }[] = []
  const onString = (string: JsonString): void => {
    const document = string.isKey ? undefined : encoded.get(keyOf(string.segments))
    if (document) documents.push({ string, document })
  }
  const scannerOf = (segments: readonly Segment[], beginning: string): Scanner | null =>
    isMachineText(json, segments, beginning) ? (judge.scanner.secretsOnly ?? null) : null
  const stream = createJsonStream(judge.scanner, { ...(encoded.size > 0 ? { onString } : {}), scannerOf })

  function* take({ sightings }: JsonDecided): Generator<void, void> {
    for (const sighting of sightings) {
      const { path, segments, text, base } = sighting
      const isData = isMachineData(json, sighting)
      // A secret that was handed to the agent is known by itself, chance does not write it.
      const matches = isData ? sighting.matches.filter(({ type }) => type === 'secret') : sighting.matches
      if (matches.length === 0) continue
      const direction = directionOf(json, segments)
      for (const edit of yield* judge.judge({ direction, place: path, text, base, matches })) {
        edits.push(sighting.toRaw(sighting.isKey ? names.distinct(edit, matches) : edit))
      }
    }
    for (const { string, document } of documents.splice(0)) {
      const redacted = yield* lookThroughText(document, string.path, judge)
      if (redacted === document.text) continue
      const start = document.prefix.length
      const replacement = Buffer.from(redacted).toString('base64')
      edits.push(string.toRaw({ start, end: string.text.length, replacement }))
    }
  }

  const cuts: Cut[] = [{ unit: 0, byte: 0 }]
  if (body.text !== null && bytes.length <= SLICE_BYTES) yield* take(stream.push(body.text))
  else {
    let unit = 0
    for (let from = 0; from < bytes.length; ) {
      const to = characterStart(bytes, from + SLICE_BYTES)
      const text = bytes.toString('utf8', from, to)
      yield* take(stream.push(text))
      unit += text.length
      cuts.push({ unit, byte: to })
      from = to
      yield
    }
  }
  yield* take(stream.end())
  return edits.length === 0 ? bytes : yield* spliced(bytes, cuts, inOrder(edits))
}

/** Two names of one object must not become one: the later would hide the earlier's value. */
function createNames(): { distinct(edit: Edit, matches: readonly Match[]): Edit } {
  const byMarker = new Map<string, Map<string, number>>()
  return {
    distinct(edit, matches) {
      const value = matches.find(({ start }) => start === edit.start)?.value ?? ''
      const numbers = byMarker.get(edit.replacement) ?? new Map<string, number>()
      byMarker.set(edit.replacement, numbers)
      const number = numbers.get(value) ?? numbers.size + 1
      numbers.set(value, number)
      return number === 1 ? edit : { ...edit, replacement: `${edit.replacement} ${number}` }
    },
  }
}

export function keyOf(segments: readonly (string | number)[]): string {
  return JSON.stringify(segments)
}

/** A text behind base64, which may be JSON itself. */
function* lookThroughText({ text, direction }: IncomingText, place: string, judge: RequestJudge): Generator<void, string> {
  const stream = createJsonStream(judge.scanner)
  const edits: Edit[] = []
  const take = function* ({ sightings }: JsonDecided): Generator<void, void> {
    for (const sighting of sightings) {
      const { text: around, base, matches } = sighting
      for (const edit of yield* judge.judge({ direction, place, text: around, base, matches })) edits.push(sighting.toRaw(edit))
    }
  }
  for (let at = 0; at < text.length; at += SLICE_BYTES) {
    yield* take(stream.push(text.slice(at, at + SLICE_BYTES)))
    if (text.length > SLICE_BYTES) yield
  }
  yield* take(stream.end())
  return edits.length === 0 ? text : withEdits(text, edits)
}

/** A place in UTF-16 units and in bytes. */
interface Cut {
  readonly unit: number
  readonly byte: number
}

/** A document that is written anew is so as a whole, whatever else was found in its base64. */
function inOrder(edits: readonly Edit[]): readonly Edit[] {
  const sorted = edits.toSorted((a, b) => a.start - b.start || b.end - a.end)
  let at = 0
  return sorted.filter(({ start, end }) => {
    if (start < at) return false
    at = end
    return true
  })
}

/** Never within a character. */
function characterStart(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return bytes.length
  let start = at
  while ((bytes[start]! & 0xc0) === 0x80) start--
  return start
}

/** Edits count UTF-16 units; bytes that no edit touches are not even copied one by one. */
function* spliced(bytes: Buffer, cuts: readonly Cut[], edits: readonly Edit[]): Generator<void, Buffer> {
  const parts: Buffer[] = []
  let slice = 0
  let known: Cut = { unit: 0, byte: 0 }
  let text = ''
  let textUnit = -1
  function byteOf(unit: number): number {
    while (slice + 1 < cuts.length && cuts[slice + 1]!.unit <= unit) slice++
    const cut = cuts[slice]!
    if (textUnit !== cut.unit) {
      text = bytes.toString('utf8', cut.byte, cuts[slice + 1]?.byte)
      textUnit = cut.unit
      known = cut
    }
    known = { unit, byte: known.byte + Buffer.byteLength(text.slice(known.unit - cut.unit, unit - cut.unit)) }
    return known.byte
  }
  let at = 0
  for (const [index, { start, end, replacement }] of edits.entries()) {
    if (index % 1_000 === 999) yield
    const from = byteOf(start)
    parts.push(bytes.subarray(at, from), Buffer.from(replacement))
    at = byteOf(end)
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}
