import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'

const MARKERS = [...new Set(Object.values(PRIVATE_TYPES).map(({ marker }) => marker))]
/** All of them end so: a text without it is not looked at any closer. */
const END = '_REDACTED]'
const LONGEST = Math.max(...MARKERS.map((marker) => marker.length))

export interface RedactionCounter {
  /** How many places of all that came so far say that something was taken out there. */
  count(text: string): number
  /** The screen begins anew. */
  reset(): void
}

/** Output comes in pieces, and a marker may be cut in two by them. */
export function createRedactionCounter(): RedactionCounter {
  let total = 0
  let tail = ''

  return {
    count(text) {
      const whole = tail + text
      // No marker fits into the tail alone, so none is counted twice.
      for (let at = whole.indexOf(END); at >= 0; at = whole.indexOf(END, at + 1)) {
        const end = at + END.length
        if (end > tail.length && MARKERS.some((marker) => whole.endsWith(marker, end))) total += 1
      }
      tail = whole.slice(-(LONGEST - 1))
      return total
    },
    reset() {
      total = 0
      tail = ''
    },
  }
}
