import { INJECTION_RULES } from './rules.ts'

export interface Injection {
  readonly rule: string
  readonly start: number
  readonly end: number
}

/** What reads like orders to the model. A heuristic: docs/safety.md says how good it is, and at what. */
export function findInjections(text: string): readonly Injection[] {
  const found: Injection[] = []
  for (const { rule, pattern } of INJECTION_RULES) {
    for (const match of text.matchAll(pattern)) found.push({ rule, start: match.index, end: match.index + match[0].length })
  }
  return found.sort((a, b) => a.start - b.start)
}
