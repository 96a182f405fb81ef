import { classOf } from './keyFamilies.ts'
import { dullEnd, type Pieces } from './randomness.ts'

/** What is read at one place of a text. One is used again and again: texts are long. */
export interface Reading {
  start: number
  /** -1 where there is nothing. */
  end: number
  /** Whether more text could make, prolong or unmake it. */
  open: boolean
  /** Whose the stretches below are. */
  readonly reader: number
}

// The stretches that were looked through last, one for each purpose; so that none is gone through twice. Kept for all texts, for new arrays
// would cost more than most pieces of a stream do; what was noted down for another text does not count.
const starts = new Int32Array(256)
const ends = new Int32Array(256)
const readers = new Float64Array(256)
let lastReader = 0

export function nothingRead(): Reading {
  return { start: 0, end: -1, open: false, reader: ++lastReader }
}

/** Where the run of such characters ends that this place lies in. */
export function runEnd(text: string, at: number, set: number, reading: Reading): number {
  return stretchEnd(text, at, set, reading, (code) => (classOf(code) & set) !== 0)
}

/** Where the stretch ends that this place lies in; each kind of stretch has a number of its own. */
export function stretchEnd(text: string, at: number, kind: number, { reader }: Reading, isIn: (code: number) => boolean): number {
  const knownEnd = ends[kind] ?? -1
  if (readers[kind] === reader && knownEnd >= at && (starts[kind] ?? -1) <= at) return knownEnd
  let end = at
  while (end < text.length && isIn(text.charCodeAt(end))) end++
  readers[kind] = reader
  starts[kind] = at
  ends[kind] = end
  return end
}

/** No set of characters has this number. */
const DULL = 0

/** Whether there is nothing random from here to there. What is not random has no part that is, so that is noted down as far as it goes. */
export function isDull(text: string, from: number, to: number, farthest: number, pieces: Pieces, { reader }: Reading): boolean {
  if (readers[DULL] === reader && (starts[DULL] ?? 0) <= from && (ends[DULL] ?? 0) >= to) return true
  const end = dullEnd(text, from, farthest, pieces)
  readers[DULL] = reader
  starts[DULL] = from
  ends[DULL] = end
  return end >= to
}

/** Looks at one place for what it is good at. */
export type Reader = (text: string, at: number, reading: Reading) => void
