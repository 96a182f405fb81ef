import type { Finder, Match } from '../scan/scanner.ts'
import { findAnchoredKeys, openAnchoredKey } from './anchoredKey.ts'
import { findKnownKeys, openKnownKey } from './knownKey.ts'
import { findPrivateKeys, openPrivateKey } from './privateKey.ts'
import { joined, type Span } from './spans.ts'

/** API keys, tokens, passwords in URLs and assignments, and private keys, by the shapes that they have. */
export const apiKeyFinder: Finder = {
  find(text: string, found: (match: Match) => void): void {
    const spans = spansIn(text)
    const tell = ({ start, end }: Span): void => {
      found({ type: 'api-key', start, end, value: text.slice(start, end) })
    }
    const whole = joined(spans)
    whole.forEach(tell)
    // Besides, the parts: of a text whose beginning is gone, what begins there may be none, and what it was one with stands alone.
    if (whole.length === spans.length) return
    const starts = new Set(whole.map(({ start }) => start))
    for (const span of spans) if (!starts.has(span.start)) tell(span)
  },
  openFrom(text: string): number {
    const open = Math.min(openKnownKey(text), openAnchoredKey(text), openPrivateKey(text))
    if (open === text.length) return open
    // What is found already may become one with what is to come.
    const crossing = joined(spansIn(text)).find(({ start, end }) => start < open && end > open)
    return crossing?.start ?? open
  },
}

function spansIn(text: string): readonly Span[] {
  const spans: Span[] = []
  const add = (start: number, end: number): void => {
    spans.push({ start, end })
  }
  findKnownKeys(text, add)
  findAnchoredKeys(text, add)
  findPrivateKeys(text, add)
  return spans
}
