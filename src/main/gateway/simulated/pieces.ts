const MOST_PIECES = 200
const FRAGMENT = 12

/** Word by word, as models speak; a long text several words at a time. */
export function piecesOf(text: string): string[] {
  return grouped(text.match(/\s*\S+|\s+$/g) ?? [])
}

/** A few characters at a time, as models write JSON. */
export function fragmentsOf(text: string): string[] {
  return grouped(
    Array.from({ length: Math.ceil(text.length / FRAGMENT) }, (_, index) => text.slice(index * FRAGMENT, (index + 1) * FRAGMENT)),
  )
}

function grouped(pieces: readonly string[]): string[] {
  const each = Math.ceil(pieces.length / MOST_PIECES)
  return Array.from({ length: Math.ceil(pieces.length / (each || 1)) }, (_, index) =>
    pieces.slice(index * each, (index + 1) * each).join(''),
  )
}
