import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileLinearPattern } from './linearPattern.ts'

const PATTERNS = [
  '^ORD-[0-9]+$', 'a|bc|', '^(a+)+$', '(?:ab)*c', 'x{2,3}y', '^.{3}$', '[^a-c]+d', '\\d{2,}-\\w', '(?<name>b|)a?', '^$', 'a*?b', '\\u0061\\x62', '\\.[a-z]\\]', '[\\]a]b', 'a{0}b', '\\p{Lu}x', '(a|b)+$', '^a|b$', '😀+',
]

describe('compileLinearPattern', () => {
  it.each(PATTERNS)('/%s/ finds what the engine finds', (source) => {
    const pattern = compileLinearPattern(source)
    const reference = new RegExp(source, 'isu')
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'abcdxyORD-019.] A😀'), { maxLength: 12 }), (characters) => {
        const text = characters.join('')
        expect(pattern.test(text), text).toBe(reference.test(text))
      }),
    )
  })

  it('is done at once with what makes others backtrack', () => {
    // More ways than could be gone one by one before this test is given up.
    expect(compileLinearPattern('^(?:(?:a+)+|(?:a|a)*)*$').test(`${'a'.repeat(299)}!`)).toBe(false)
    expect(compileLinearPattern('.*.*.*.*.*=').test('a'.repeat(300))).toBe(false)
  })

  it.each([
    ['(?=a)b', 'it looks ahead or behind, which is not done here'],
    ['(?<!a)b', 'it looks ahead or behind, which is not done here'],
    ['(a)\\1', 'it has \\1, which is not known here'],
    ['(?:a{1000}){1000}', 'it is too long, or repeats too much too often'],
    ['(?:(?:(?:){2000}){2000}){2000}', 'it is too long, or repeats too much too often'],
    ['a{100000}', 'it is too long, or repeats too much too often'],
    ['(?:'.repeat(60) + ')'.repeat(60), 'its parentheses are nested too deeply'],
  ])('refuses /%s/', (source, why) => {
    expect(() => compileLinearPattern(source)).toThrow(why)
  })

  it('refuses what is no regular expression', () => {
    expect(() => compileLinearPattern('(')).toThrow(SyntaxError)
  })
})
