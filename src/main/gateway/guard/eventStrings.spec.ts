import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringsOf } from './eventStrings.ts'

function allStrings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(allStrings)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...allStrings(inner)])
}

describe('the strings of an event', () => {
  it('are all of them, names among them, with the way to each', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, spaces) => {
        const json = JSON.stringify(value, null, spaces)
        const { literals } = stringsOf(json)
        const parsed: unknown = JSON.parse(json)
        expect(literals.map(({ text }) => text)).toEqual(allStrings(parsed))
        for (const { segments, isKey, text } of literals) {
          if (isKey) continue
          let at = parsed
          for (const segment of segments) at = (at as Record<string, unknown>)[segment]
          expect(at).toBe(text)
        }
      }),
    )
  })

  const text = fc.string({ unit: fc.constantFrom('q', 'a', '"', '\\', '\n', 'é', '😀', '\ud83d', '\u0000') })
  it('can be changed in their middle, whatever their escapes', () => {
    fc.assert(
      fc.property(text, text, text, (before, taken, after) => {
        const json = JSON.stringify({ a: [before + taken + after] }).replaceAll('q', '\\u0071')
        const literal = stringsOf(json).literals.at(-1)!
        const { start, end, replacement } = literal.toRaw({ start: before.length, end: before.length + taken.length, replacement: '["x"]' })
        expect(JSON.parse(json.slice(0, start) + replacement + json.slice(end))).toEqual({ a: [`${before}["x"]${after}`] })
      }),
    )
  })

  it('are found however deep they lie, without the whole way to each of them', () => {
    const depth = 20_000
    const { literals } = stringsOf(`{"a":${'["x",'.repeat(depth)}{"b":"c"}${']'.repeat(depth)}}`)
    expect(literals).toHaveLength(depth + 3)
    expect(Math.max(...literals.map(({ segments }) => segments.length))).toBeLessThan(200)
    expect([literals.at(-1)!.segments[0], literals.at(-1)!.segments.at(-1)]).toEqual(['a', 'b'])
  })

  it('tell where log probabilities stand', () => {
    const json = '{"choices":[{"logprobs":{"content":[{"logprob":1}]},"x":{"logprobs":null}}],"logprobs":[1]}'
    expect(stringsOf(json).logprobs.map(({ start, end, isList }) => [json.slice(start, end), isList])).toEqual([
      ['{"content":[{"logprob":1}]}', false],
      ['[1]', true],
    ])
  })
})
