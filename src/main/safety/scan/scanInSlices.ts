import { nextTurn } from '../../nextTurn.ts'
import type { Match, Scanner } from './scanner.ts'

/** Scanned in a millisecond or two. */
export const SLICE_CHARACTERS = 128 * 1024

/** Like `scan`, and lets others have their turn in between where the text is long. */
export async function scanInSlices(scanner: Scanner, text: string): Promise<readonly Match[]> {
  if (text.length <= SLICE_CHARACTERS) return scanner.scan(text)
  const stream = scanner.stream()
  const found: Match[] = []
  for (let from = 0; from < text.length; from += SLICE_CHARACTERS) {
    for (const match of stream.push(text.slice(from, from + SLICE_CHARACTERS)).matches) found.push(match)
    await nextTurn()
  }
  for (const match of stream.end().matches) found.push(match)
  return found
}
