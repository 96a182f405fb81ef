import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chop } from './chop.ts'

describe('chop', () => {
  it('leaves text as people write it whole', () => {
    const prose = 'The quick brown fox doesn’t jump over the lazy dog, again and again.\n'.repeat(1000)
    const json = JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, name: `lead ${id}`, isDone: false })))
    expect(chop(prose)).toEqual([prose])
    expect(chop(json)).toEqual([json])
    expect(chop('')).toEqual([''])
  })

  it.each([
    ['16,000 spaces', ' '.repeat(16_000)],
    ['8,000 emoji', '😀'.repeat(8_000)],
    ['emoji after a letter', `a${'😀'.repeat(8_000)}`],
    ['one long word', 'a'.repeat(10_000)],
    ['lines', '\n'.repeat(10_000)],
    ['dashes', '-'.repeat(10_000)],
    ['a language without spaces', '漢字仮名'.repeat(5_000)],
  ])('cuts %s into stretches that can be merged', (_what, text) => {
    const pieces = chop(text)
    expect(pieces.join('')).toBe(text)
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(258)
  })

  it('loses nothing and splits no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '.', "'", '\n', '😀', '漢', '1'), maxLength: 3000 }), (text) => {
        const pieces = chop(text)
        expect(pieces.join('')).toBe(text)
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
      }),
    )
  })
})
