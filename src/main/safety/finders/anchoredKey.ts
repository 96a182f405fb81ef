import { readAddress, readBearer, readBotKey } from './addressedKey.ts'
import { readAssignment } from './assignedKey.ts'
import { nothingRead, type Reader } from './reading.ts'

interface Anchor {
  /** Rare in prose, so that looking for it costs little. */
  readonly piece: string
  /** From the piece to where the readers look; -1 where they need not. */
  readonly place: (text: string, at: number) => number
  readonly readers: readonly Reader[]
}

const DASH_CODE = 45
const FLAG_BEGINNING = '--'
const FLAG = /--?[A-Za-z][A-Za-z0-9-]{0,31} /y

const ANCHORS: readonly Anchor[] = [
  { piece: ':', place: (_text, at) => at, readers: [readAddress, readBotKey, readAssignment] },
  { piece: '=', place: (_text, at) => at, readers: [readAssignment] },
  // `the password is …`, `<password>…`.
  { piece: 'assword is ', place: (_text, at) => at + 10, readers: [readAssignment] },
  { piece: 'assword>', place: (_text, at) => at + 7, readers: [readAssignment] },
  { piece: 'Bearer ', place: (_text, at) => at + 6, readers: [readBearer] },
  { piece: 'bearer ', place: (_text, at) => at + 6, readers: [readBearer] },
  {
    piece: FLAG_BEGINNING,
    place(text, at) {
      FLAG.lastIndex = at
      return FLAG.test(text) ? FLAG.lastIndex - 1 : -1
    },
    readers: [readAssignment],
  },
]

/** The farthest before the end of a text that an anchor of something open can stand. */
const FARTHEST = 640

/** Keys that are known by what stands before them. */
export function findAnchoredKeys(text: string, found: (start: number, end: number) => void): void {
  for (const { piece, place, readers } of ANCHORS) {
    let at = text.indexOf(piece)
    if (at < 0) continue
    const reading = nothingRead()
    while (at >= 0) {
      let next = at + piece.length
      // A rule of dashes is one.
      if (piece === FLAG_BEGINNING) while (text.charCodeAt(next) === DASH_CODE) next++
      const where = place(text, at)
      if (where >= 0) {
        for (const read of readers) {
          read(text, where, reading)
          if (reading.end < 0) continue
          found(reading.start, reading.end)
          break
        }
      }
      at = text.indexOf(piece, next)
    }
  }
}

export function openAnchoredKey(text: string): number {
  let open = text.length
  for (const { piece, place, readers } of ANCHORS) {
    let at = text.indexOf(piece, Math.max(0, text.length - FARTHEST))
    if (at < 0) continue
    const reading = nothingRead()
    while (at >= 0) {
      const where = place(text, at)
      for (const read of where < 0 ? [] : readers) {
        read(text, where, reading)
        if (reading.open) open = Math.min(open, reading.start)
      }
      at = text.indexOf(piece, at + piece.length)
    }
  }
  return open
}
