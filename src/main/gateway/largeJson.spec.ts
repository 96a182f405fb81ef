import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LARGE_BYTES, readJson, readSmallMembers } from './largeJson.ts'

const LONG = 'x'.repeat(LARGE_BYTES)

describe('JSON that is read in slices', () => {
  it('is what a parser makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (one, other) => {
        const messages = [{ content: LONG, one }, { content: [{ text: LONG, other }] }, LONG]
        const text = JSON.stringify({ model: 'gpt-4', messages, '__proto__x': 1, one }).replace('__proto__x', '__proto__')
        const { json, members } = await readJson(Buffer.from(text))
        expect(json).toEqual(JSON.parse(text))
        expect(JSON.stringify(json)).toBe(text)
        expect(members?.map(({ key }) => key)).toEqual(['model', 'messages', '__proto__', 'one'])
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    ['cut', (text: string) => text.slice(0, -1)],
    ['with more behind it', (text: string) => `${text}}`],
    ['with a comma too many', (text: string) => text.replace(']', ',]')],
    ['wrong deep inside', (text: string) => text.replace('"deep"', 'deep')],
    ['of another bracket', (text: string) => text.replace(']', '}')],
  ])('is refused %s', async (_what, spoil) => {
    const text = JSON.stringify({ messages: [{ content: LONG }, { a: { b: 'deep' } }, LONG] })
    await expect((async () => readJson(Buffer.from(spoil(text))))()).rejects.toThrow()
  })

  it('stops nobody for long: others get their turn in between', async () => {
    let turns = 0
    let isReading = true
    const turn = (): void => {
      turns++
      if (isReading) setImmediate(turn)
    }
    setImmediate(turn)
    // Eight slices of small values: to find them takes its turns, and to read them takes as many.
    const bytes = Buffer.from(JSON.stringify(Array.from({ length: 42_000 }, () => 'x'.repeat(100))))
    await readJson(bytes)
    isReading = false
    expect(turns).toBeGreaterThan(12)
  })

  it('of bottomless depth neither fails nor takes its depth squared', async () => {
    const text = `{"a":${'['.repeat(LARGE_BYTES)}${']'.repeat(LARGE_BYTES)}}`
    await (async () => readJson(Buffer.from(text)))().then(
      ({ members }) => expect(members?.length).toBe(1),
      (problem: unknown) => expect(problem).toBeInstanceOf(RangeError),
    )
  })
})

describe('a large answer', () => {
  it('gives what is small in it', async () => {
    const text = JSON.stringify({ object: 'list', data: [LONG], usage: { prompt_tokens: 3 } })
    expect(await readSmallMembers(Buffer.from(text))).toEqual({ object: 'list', usage: { prompt_tokens: 3 } })
    await expect(readSmallMembers(Buffer.from(text.slice(0, -1)))).rejects.toThrow()
    const response = JSON.stringify({ output: [{ type: 'web_search_call' }, { text: LONG }, 1], usage: null })
    expect(await readSmallMembers(Buffer.from(response))).toEqual({ output: [{ type: 'web_search_call' }, 1], usage: null })
  })
})
