import { describe, expect, it } from 'vitest'
import { isSameSecret } from './sameSecret.ts'

describe('two secrets', () => {
  it.each([
    ['a', 'a', true],
    ['', '', true],
    ['ä'.repeat(1000), 'ä'.repeat(1000), true],
    ['a', 'b', false],
    ['a', 'A', false],
    ['a', '', false],
    ['a', 'aa', false],
    ['a', 'a ', false],
    ['a', 'a\0', false],
  ])('%j and %j: the same is %s', (one, other, isSame) => {
    expect(isSameSecret(one, other)).toBe(isSame)
  })
})
