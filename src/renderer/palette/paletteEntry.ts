import type { Component } from 'vue'

/** Something that can be found by its name and done. */
export interface PaletteEntry {
  readonly id: string
  readonly group: string
  readonly words: string
  readonly icon: Component
  /** What tells it from another of the same name. */
  readonly detail?: string
  readonly keys?: readonly string[]
  /** Other words that people look for. */
  readonly also?: string
  readonly act: () => void
}

export interface PaletteGroup {
  readonly name: string
  readonly entries: readonly PaletteEntry[]
}

const START = 3
const WORD_START = 2
const WITHIN = 1

/** How well a word is found in a text; 0 not at all. */
function weightOf(word: string, text: string): number {
  const at = text.indexOf(word)
  if (at === -1) return 0
  if (at === 0) return START
  return /[\s_./:-]/.test(text[at - 1] ?? '') ? WORD_START : WITHIN
}

/** Every word has to be found somewhere; the name counts for more than what stands beside it. */
function scoreOf(entry: PaletteEntry, words: readonly string[]): number {
  const name = entry.words.toLowerCase()
  const rest = [entry.detail, entry.group, entry.also].join(' ').toLowerCase()
  let score = 0
  for (const word of words) {
    const weight = weightOf(word, name) * 2 || (rest.includes(word) ? 1 : 0)
    if (weight === 0) return 0
    score += weight
  }
  return score
}

/** Groups as they come; with something asked for, what fits best comes first, in each group and among them. */
export function findEntries(entries: readonly PaletteEntry[], asked: string): readonly PaletteGroup[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean)
  const scored = entries.map((entry) => ({ entry, score: words.length === 0 ? 1 : scoreOf(entry, words) })).filter(({ score }) => score > 0)
  const groups = [...Map.groupBy(scored, ({ entry }) => entry.group)].map(([name, found]) => {
    const best = found.toSorted((a, b) => b.score - a.score)
    return { name, score: best[0]?.score ?? 0, entries: best.map(({ entry }) => entry) }
  })
  return groups.toSorted((a, b) => b.score - a.score)
}
