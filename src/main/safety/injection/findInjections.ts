import { createUndisguiser } from '../scan/undisguise.ts'
import { decodedTexts } from './encodedText.ts'
import { findHiddenText } from './hiddenText.ts'
import { RULES_BY_FIRST_WORD, SIGN_RULES, type InjectionRule } from './rules.ts'

export interface Injection {
  readonly rule: InjectionRule
  readonly start: number
  readonly end: number
}

/** More say no more. */
const MOST = 50

/** What reads like orders to the model. A heuristic: docs/safety.md says how good it is, and at what. Linear in the text's length. */
export function findInjections(text: string): readonly Injection[] {
  const found = ordersIn(text)
  for (const { start, end } of findHiddenText(text)) found.push({ rule: 'hidden-text', start, end })
  for (const { text: decoded, start, end } of decodedTexts(text)) {
    if (ordersIn(decoded).length > 0) found.push({ rule: 'encoded-order', start, end })
  }
  for (const one of disguisedOrders(text, found)) found.push(one)
  return apart(found).slice(0, MOST)
}

/** For each first letter, the lengths of the words that rules begin with, as bits. */
const FIRST_WORD_LENGTHS = new Uint32Array(128)
for (const word of RULES_BY_FIRST_WORD.keys()) {
  const first = word.charCodeAt(0)
  FIRST_WORD_LENGTHS[first] = (FIRST_WORD_LENGTHS[first] ?? 0) | (1 << word.length)
}

function ordersIn(text: string): Injection[] {
  const found: Injection[] = []
  let at = 0
  while (at < text.length) {
    const first = text.charCodeAt(at) | 32
    if (!isLetter(first)) {
      at++
      continue
    }
    const start = at
    do at++
    while (isLetter(text.charCodeAt(at) | 32))
    if (at - start > 31 || ((FIRST_WORD_LENGTHS[first] ?? 0) & (1 << (at - start))) === 0) continue
    for (const { rule, pattern } of RULES_BY_FIRST_WORD.get(text.slice(start, at).toLowerCase()) ?? []) {
      pattern.lastIndex = start
      if (pattern.test(text)) found.push({ rule, start, end: pattern.lastIndex })
    }
  }
  for (const { rule, pattern } of SIGN_RULES) {
    for (const { 0: words, index } of text.matchAll(pattern)) found.push({ rule, start: index, end: index + words.length })
  }
  return found
}

function isLetter(lowered: number): boolean {
  return lowered >= 97 && lowered <= 122
}

/** What can only be read once invisible characters are gone, full-width letters plain and digits letters again. */
function disguisedOrders(text: string, known: readonly Injection[]): readonly Injection[] {
  const plain = createUndisguiser()
  plain.add(text, true)
  const orders: Injection[] = []
  const isKnown = overlapsWith(known)
  if (plain.text !== text) {
    for (const { start, end } of ordersIn(plain.text)) {
      const [from, to] = [plain.startOf(start), plain.endOf(end)]
      if (!isKnown(from, to)) orders.push({ rule: 'hidden-text', start: from, end: to })
    }
  }
  const spelled = withoutDigitLetters(text)
  if (spelled !== text) for (const one of ordersIn(spelled)) if (!isKnown(one.start, one.end)) orders.push(one)
  return orders
}

/** Whether a place overlaps with one of these; thousands are no reason to compare each with each. */
function overlapsWith(places: readonly Injection[]): (start: number, end: number) => boolean {
  const sorted = places.toSorted((a, b) => a.start - b.start)
  /** The farthest end of all up to this one. */
  const farthest: number[] = []
  for (const { end } of sorted) farthest.push(Math.max(end, farthest.at(-1) ?? 0))
  return (start, end) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]!.start < end) low = middle + 1
      else high = middle
    }
    return (farthest[low - 1] ?? 0) > start
  }
}

const DIGIT_LETTERS: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's' }

/** `1gn0re` is `ignore`. As long as before. */
function withoutDigitLetters(text: string): string {
  return text.replace(/[013457@$](?=[A-Za-z])(?<=[A-Za-z].)|\b1(?=gn)/g, (digit) => DIGIT_LETTERS[digit] ?? digit)
}

/** In order; of one rule none that overlap. */
function apart(found: readonly Injection[]): readonly Injection[] {
  const kept: Injection[] = []
  const ends = new Map<InjectionRule, number>()
  for (const one of [...found].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (one.start < (ends.get(one.rule) ?? 0)) continue
    ends.set(one.rule, one.end)
    kept.push(one)
  }
  return kept
}
