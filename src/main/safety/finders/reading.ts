import { classOf } from './keyFamilies.ts'
import { dullEnd, type Pieces } from './randomness.ts'

/** What is read at one place of a text. One is used again and again: texts are long. */
export interface Reading {
  start: number
  /** -1 where there is nothing. */
  end: number
  /** Whether more text could make, prolong or unmake it. */
  open: boolean
  /** The stretches that were looked through last, one for each purpose; so that none is gone through twice. */
  readonly known: { readonly starts: Int32Array; readonly ends: Int32Array }
}

export function nothingRead(): Reading {
  return { start: 0, end: -1, open: false, known: { starts: new Int32Array(256).fill(-1), ends: new Int32Array(256).fill(-2) } }
}

/** Where the run of such characters ends that this place lies in. */
export function runEnd(text: string, at: number, set: number, reading: Reading): number {
  return stretchEnd(text, at, set, reading, (code) => (classOf(code) & set) !== 0)
}

/** Where the stretch ends that this place lies in; each kind of stretch has a number of its own. */
export function stretchEnd(text: string, at: number, kind: number, { known: { starts, ends } }: Reading, isIn: (code: number) => boolean): number {
  const knownEnd = ends[kind] ?? -1
  if (knownEnd >= at && (starts[kind] ?? -1) <= at) return knownEnd
  let end = at
  while (end < text.length && isIn(text.charCodeAt(end))) end++
  starts[kind] = at
  ends[kind] = end
  return end
}

/** No set of characters has this number. */
const DULL = 0

/** Whether there is nothing random from here to there. What is not random has no part that is, so that is noted down as far as it goes. */
export function isDull(text: string, from: number, to: number, farthest: number, pieces: Pieces, { known: { starts, ends } }: Reading): boolean {
  if ((starts[DULL] ?? -1) <= from && (starts[DULL] ?? -1) >= 0 && (ends[DULL] ?? -1) >= to) return true
  const end = dullEnd(text, from, farthest, pieces)
  starts[DULL] = from
  ends[DULL] = end
  return end >= to
}

/** Looks at one place for what it is good at. */
export type Reader = (text: string, at: number, reading: Reading) => void
