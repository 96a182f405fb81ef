import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMessageLines, UnfitLine } from './messageLines.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((line) => line.replaceAll('\n', ' ').toWellFormed())

it('the same lines come out wherever the bytes were cut', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(), { maxLength: 10 }), (lines, cuts) => {
      const bytes = Buffer.from(`${lines.join('\n')}\n`)
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b)
      const messages = createMessageLines(1_000)
      const heard: string[] = []
      let from = 0
      for (const place of [...places, bytes.length]) {
        heard.push(...messages.push(bytes.subarray(from, place)))
        from = place
      }
      expect(heard).toEqual(lines)
      expect(messages.isHalf).toBe(false)
    }),
  )
})

it('the longest line goes, one byte more does not, in one piece or in many', () => {
  const lines = createMessageLines(10)
  expect(lines.push(Buffer.from('0123456789\n0123456789\n'))).toEqual(['0123456789', '0123456789'])
  expect(lines.push(Buffer.from('01234'))).toEqual([])
  expect(lines.isHalf).toBe(true)
  expect(lines.push(Buffer.from('56789\n'))).toEqual(['0123456789'])
  for (const chunk of ['a\n0123456789x\nb\n', '0123456789x', 'a\n0123456789x']) {
    expect(() => createMessageLines(10).push(Buffer.from(chunk))).toThrow(UnfitLine)
  }
})
