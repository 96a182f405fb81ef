import { describe, expect, it } from 'vitest'
import { readJson } from './readJson.ts'

describe('JSON from a wire', () => {
  it.each(['null', '0', '"text"', '[]', '{"a":[{"b":null}]}', '{"proto":{"constructor":1}}'])('%s is read', (text) => {
    expect(readJson(text)).toEqual(JSON.parse(text))
  })

  it.each(['', ' ', '{', "{'a':1}", '{"a":1,}', 'undefined', 'NaN', '{"a":1}{"b":2}', '\uFEFF{}', '\0'])('%j is none', (text) => {
    expect(() => readJson(text)).toThrow('That is not JSON.')
  })

  it('may be a hundred levels deep and no more, a million included', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(() => readJson(nested(100))).not.toThrow()
    for (const depth of [102, 10_000, 1_000_000]) {
      expect(() => readJson(nested(depth))).toThrow('That JSON is nested more than 100 levels deep.')
      expect(() => readJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toThrow('nested more than')
    }
  })

  it.each(['{"__proto__":{"role":"admin"}}', '{"a":[{"\\u005f_proto__":1}]}'])('%s is refused', (text) => {
    expect(() => readJson(text)).toThrow('"__proto__" is no key that this room takes.')
  })
})
