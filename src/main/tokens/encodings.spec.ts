import { modelToEncodingMap } from 'gpt-tokenizer/mapping'
import { describe, expect, it } from 'vitest'
import { encodingOf } from './encodings.ts'

describe('encodingOf', () => {
  it.each([
    ['gpt-4', 'cl100k_base'],
    ['gpt-4-turbo-2024-04-09', 'cl100k_base'],
    ['gpt-3.5-turbo', 'cl100k_base'],
    ['text-embedding-3-small', 'cl100k_base'],
    ['gpt-4o', 'o200k_base'],
    ['gpt-4o-mini-2024-07-18', 'o200k_base'],
    ['openai/gpt-4.1-nano', 'o200k_base'],
    ['o3-mini', 'o200k_base'],
    ['ft:gpt-4o-mini-2024-07-18:example::abc123', 'o200k_base'],
    ['text-davinci-003', 'p50k_base'],
    ['davinci', 'r50k_base'],
  ])('%s: %s', (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding)
  })

  it.each(['', 'gpt-6-sol', 'gpt-40', 'o2', 'llama-4', 'my-gpt-4', 'claude-sonnet-5'])('"%s": nobody knows', (model) => {
    expect(encodingOf(model)).toBeNull()
  })

  it('never contradicts the tokeniser’s own list', () => {
    for (const [model, encoding] of Object.entries(modelToEncodingMap)) {
      const ours = encodingOf(model)
      if (ours !== null) expect([model, ours]).toEqual([model, encoding])
    }
  })
})
