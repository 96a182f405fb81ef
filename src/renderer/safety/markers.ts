import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'

export interface TextPart {
  readonly text: string
  readonly isMarker: boolean
}

const MARKERS = new Set(Object.values(PRIVATE_TYPES).map(({ marker }) => marker))
const MARKER = new RegExp(`(${[...MARKERS].map((marker) => marker.replace(/[[\]]/g, String.raw`\$&`)).join('|')})`)

/** A text cut at the markers that stand in it for what was taken out. */
export function markedParts(text: string): TextPart[] {
  return text
    .split(MARKER)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, isMarker: MARKERS.has(part) }))
}
