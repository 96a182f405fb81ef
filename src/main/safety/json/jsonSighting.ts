import type { Segment } from './jsonPath.ts'
import type { Edit } from '../desk/safetyDesk.ts'
import type { Match } from '../scan/scanner.ts'

/** One string of a JSON text, or a piece of it, in which something was found. Positions in `matches` count the decoded string. */
export interface JsonSighting {
  /** `messages[3].content`, `arguments.email`; for a key, where its value stands. Nothing private is in it. */
  readonly path: string
  /** The names themselves, for looking up what stands beside it. */
  readonly segments: readonly Segment[]
  readonly isKey: boolean
  /** What stands around the matches; `base` is the place of its first character. */
  readonly text: string
  readonly base: number
  readonly matches: readonly Match[]
  /** The same edit, in the raw text. */
  toRaw(edit: Edit): Edit
}

/** A string that was read to its end. */
export interface JsonString {
  readonly path: string
  readonly segments: readonly Segment[]
  readonly isKey: boolean
  readonly text: string
  /** The same edit, in the raw text. */
  toRaw(edit: Edit): Edit
}

/** An edit of decoded text, where that text stands in the raw one. */
export function inRaw({ start, end, replacement }: Edit, place: (at: number) => number): Edit {
  return { start: place(start), end: place(end), replacement: escaped(replacement) }
}

/** Markers need none of it. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** A sighting in a text that stands in another. */
export function outer(sighting: JsonSighting, toRaw: (edit: Edit) => Edit): JsonSighting {
  return { ...sighting, toRaw: (edit) => toRaw(sighting.toRaw(edit)) }
}
