import type { Finder, Match } from '../scanner.ts'
import { findAnchoredKeys, openAnchoredKey } from './anchoredKey.ts'
import { findKnownKeys, openKnownKey } from './knownKey.ts'
import { findPrivateKeys, openPrivateKey } from './privateKey.ts'
import { joined, type Span } from './spans.ts'

/** API keys, tokens, passwords in URLs and assignments, and private keys, by the shapes that they have. */
export const apiKeyFinder: Finder = {
  find(text: string, found: (match: Match) => void): void {
    for (const { start, end } of spansIn(text)) found({ type: 'api-key', start, end, value: text.slice(start, end) })
  },
  openFrom(text: string): number {
    const open = Math.min(openKnownKey(text), openAnchoredKey(text), openPrivateKey(text))
    if (open === text.length) return open
    // What is found already may become one with what is to come.
    const crossing = spansIn(text).find(({ start, end }) => start < open && end > open)
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
  return joined(spans)
}
