import type { Edit } from '../../safety/desk/safetyDesk.ts'
import type { SseEvent } from '../sseSplitter.ts'

/** The text of an event as it stands on the wire, and where in it its data stands. */
export interface EventText {
  readonly text: string
  readonly dataStart: number
  readonly dataEnd: number
}

const LF = 0x0a
const CR = 0x0d

/** Data of several lines becomes data of one place first: only edited events are written anew. */
export function eventTextOf({ bytes, data }: SseEvent): EventText {
  const text = bytes.toString('utf8')
  const lines = linesOf(text).filter(({ start }) => text.startsWith('data:', start))
  const [first] = lines
  if (!first) return { text, dataStart: text.length, dataEnd: text.length }
  if (lines.length === 1) {
    const start = text.charCodeAt(first.start + 5) === 0x20 ? first.start + 6 : first.start + 5
    return { text, dataStart: Math.min(start, first.end), dataEnd: first.end }
  }
  const others = linesOf(text).filter(({ start, end }) => end > start && !text.startsWith('data:', start))
  const head = others.map(({ start, end }) => `${text.slice(start, end)}\n`).join('')
  const start = head.length + 6
  return { text: `${head}data: ${data}\n\n`, dataStart: start, dataEnd: start + data.length }
}

/** With the edits made, which are in the data's own count. */
export function editedBytes({ text, dataStart, dataEnd }: EventText, edits: readonly Edit[]): Buffer {
  const data = applyEdits(text.slice(dataStart, dataEnd), edits)
  // A line's end within data begins a line of data.
  const written = data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data
  return Buffer.from(text.slice(0, dataStart) + written + text.slice(dataEnd))
}

/** In any order; one that lies within another is part of it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = ''
  let at = 0
  for (const { start, end, replacement } of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < at) {
      at = Math.max(at, end)
      continue
    }
    out += text.slice(at, start) + replacement
    at = end
  }
  return out + text.slice(at)
}

export interface Line {
  readonly start: number
  readonly end: number
}

export function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (let start = text.charCodeAt(0) === 0xfeff ? 1 : 0; start < text.length; ) {
    let end = start
    while (end < text.length && text.charCodeAt(end) !== LF && text.charCodeAt(end) !== CR) end++
    lines.push({ start, end })
    start = end + 1
  }
  return lines
}

const USUAL_NAME = /^[A-Za-z_.]{0,60}$/

/** Whether an event is its name and one line of data, and nothing else. */
export function isPlain({ bytes, name, data }: SseEvent): boolean {
  if (!USUAL_NAME.test(name)) return false
  const around = (name === '' ? 0 : 'event: \n'.length + name.length) + 'data: \n\n'.length
  return bytes.length === Buffer.byteLength(data) + around && !data.includes('\n')
}
