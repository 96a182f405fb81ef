import { describe, expect, it } from 'vitest'
import { codePoints, tokensAtMost, tokensByCharacters } from './characters.ts'

describe('tokensByCharacters', () => {
  it.each([
    [[], 0],
    [[''], 0],
    [['abcd'], 1],
    [['abcde'], 2],
    // Over all texts together, not for each of them.
    [['a', 'b', 'c', 'd'], 1],
    // A character is a code point.
    [['😀😀😀😀'], 1],
    [['漢字仮名交'], 2],
  ])('%j: %i', (texts, tokens) => {
    expect(tokensByCharacters(texts)).toBe(tokens)
  })
})

describe('codePoints', () => {
  it.each([
    ['a😀b', 3],
    ['\ud83d', 1],
    ['\ud83d\ud83d\ude00', 2],
    ['\ude00\ud83d', 2],
    ['👨‍👩‍👧', 5],
  ])('%j: %i', (text, count) => {
    expect(codePoints(text)).toBe(count)
    expect([...text]).toHaveLength(count)
  })
})

describe('tokensAtMost', () => {
  it.each([
    ['', 0],
    ['abc', 2],
    ['ab漢', 4],
    ['😀', 4],
    ['é', 2],
    // A lone half of a character travels as three bytes.
    ['\ud83d', 3],
  ])('%j: %i', (text, tokens) => {
    expect(tokensAtMost([text])).toBe(tokens)
  })
})
