import type { Finder, Match } from '../scan/scanner.ts'
import { decodeJsonEscapes, decodePercent, type Decoded } from './decoded.ts'
import { createPatternSet } from './patternSet.ts'
import { joined, type Span } from './spans.ts'
import { writtenForms } from './writtenForms.ts'

interface Range extends Span {
  readonly value: string
}

/** Finds what was injected, exactly as it stands and as programs write it: base64, hex, percent-encoded, escaped in JSON. */
export function createSecretFinder(values: readonly string[]): Finder {
  const forms = new Map<string, string>()
  for (const value of new Set(values)) for (const form of writtenForms(value)) if (!forms.has(form)) forms.set(form, value)
  if (forms.size === 0) return { find: () => undefined, openFrom: (text) => text.length }
  const set = createPatternSet([...forms.keys()])
  const longest = set.longest

  const rangesIn = (text: string): readonly Range[] => {
    const ranges: Range[] = []
    for (const { text: read, startOf } of readings(text)) {
      set.find(read, (start, end, form) => {
        ranges.push({ start: startOf(start), end: startOf(end), value: forms.get(form) ?? form })
      })
    }
    return joined(ranges)
  }

  return {
    find(text: string, found: (match: Match) => void): void {
      for (const { start, end, value } of rangesIn(text)) found({ type: 'secret', start, end, value })
    },
    openFrom(text: string): number {
      let open = text.length
      // Written with \uXXXX twice escaped, a character takes seven places.
      const base = Math.max(0, text.length - longest * 7)
      const tail = text.slice(base)
      for (const { text: read, startOf, cutOff } of readings(tail)) {
        const from = set.openFrom(read)
        if (from < read.length || cutOff) open = Math.min(open, base + startOf(from))
      }
      if (open === text.length) return open
      // What is found already may be one with what is to come.
      const near = Math.max(0, open - longest * 7)
      for (const { start, end } of rangesIn(text.slice(near))) {
        if (near + start < open && near + end > open) return near + start
      }
      return open
    },
  }
}

/** The text as it stands, and as it reads with its escapes resolved, if it has any. */
function readings(text: string): readonly Decoded[] {
  const all: Decoded[] = [{ text, startOf: (place) => place, cutOff: false }]
  if (text.includes('%')) all.push(decodePercent(text))
  if (text.includes('\\')) {
    const once = decodeJsonEscapes(text)
    all.push(once)
    if (once.text.includes('\\')) {
      const twice = decodeJsonEscapes(once.text)
      all.push({ text: twice.text, startOf: (place) => once.startOf(twice.startOf(place)), cutOff: once.cutOff || twice.cutOff })
    }
  }
  return all
}
