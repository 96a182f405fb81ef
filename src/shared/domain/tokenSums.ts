import type { Usage, UsagePart } from './llm.ts'

/** No schema here: the renderer adds up too. */

const INPUT_PARTS: readonly UsagePart[] = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'audioInput']
const OUTPUT_PARTS: readonly UsagePart[] = ['output', 'reasoning', 'audioOutput']

export function inputTokens(usage: Usage): number {
  return sumOf(usage, INPUT_PARTS)
}

export function outputTokens(usage: Usage): number {
  return sumOf(usage, OUTPUT_PARTS)
}

function sumOf(usage: Usage, parts: readonly UsagePart[]): number {
  return parts.reduce((sum, part) => sum + (usage[part] ?? 0), 0)
}
