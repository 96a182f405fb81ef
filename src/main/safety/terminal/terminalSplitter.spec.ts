import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTerminalSplitter, type TerminalPart } from './terminalSplitter.ts'

function partsOf(pieces: readonly string[]): TerminalPart[] {
  const splitter = createTerminalSplitter()
  const parts: TerminalPart[] = []
  for (const piece of pieces) splitter.push(piece, (part) => parts.push(part))
  splitter.end((part) => parts.push(part))
  return parts
}

/** `a`, `{…}` for what is hidden, `<>`, `< >` and `<n>` for sequences by what they read as. */
function told(...pieces: string[]): string {
  return partsOf(pieces)
    .map((part) => {
      if (part.kind === 'text') return part.isHidden ? `{${part.text}}` : part.text
      return part.kind === 'hiddenEnd' ? '<|>' : `<${part.reads.replace('\n', 'n')}>`
    })
    .join('')
}

describe('A terminal’s output', () => {
  it.each([
    ['colours stand in nobody’s way', 'a\u001b[1;31mb\u001b[0mc', 'a<>b<>c'],
    ['line ends and tabs are text', 'a\r\nb\tc', 'a\r\nb\tc'],
    ['a step to the right is a space', 'a\u001b[1Cb', 'a< >b'],
    ['other movements part what they stand between', 'a\u001b[5;10Hb\u001b[2Jc\u001b[Ad\be\u001b7f', 'a<n>b<n>c<n>d<n>e<n>f'],
    ['modes, charsets and the bell are nothing to read', 'a\u001b[?25lb\u001b(Bc\u0007d\u001b=e', 'a<>b<>c<>d<>e'],
    ['a title is hidden text', 'a\u001b]0;title\u0007b', 'a<>{0;title}<|>b'],
    ['a link too, with the other terminator', '\u001b]8;;mailto:x\u001b\\b\u001b]8;;\u001b\\', '<>{8;;mailto:x}<|>b<>{8;;}<|>'],
    ['images and the like', 'a\u001bPq#0~\u001b\\b\u001b_Gx\u001b\\', 'a<>{q#0~}<|>b<>{Gx}<|>'],
    ['sequences of one character', 'a\u009b31mb\u009d0;t\u009cc', 'a<>b<>{0;t}<|>c'],
    ['an escape that is none', 'a\u001b\u00e9b', 'a<>\u00e9b'],
    ['a sequence that is broken off', 'a\u001b[31\u001b[0mb', 'a<><>b'],
    ['an escape at the very end', 'a\u001b', 'a<>'],
    ['a hidden text without end', 'a\u001b]0;t', 'a<>{0;t}<|>'],
  ])('%s', (_name, output, expected) => {
    expect(told(output)).toBe(expected)
  })

  it('is told in the same way wherever it was cut', () => {
    const piece = fc.constantFrom('ab', '\u001b[1;31m', '\u001b[0m', '\u001b]0;title\u0007', '\u001b]8;;x\u001b\\', '\u001b[3C', '\n', '\u001bPq\u001b\\', '\u001b', '[', '\u009b1m')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(60)), (pieces, cuts) => {
        const whole = pieces.join('')
        const places = [...new Set([0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length])].sort((a, b) => a - b)
        const slices = places.slice(1).map((end, index) => whole.slice(places[index], end))
        const joined = (given: readonly string[]): string => told(...given).replaceAll('}{', '')
        expect(joined(slices)).toBe(joined([whole]))
      }),
    )
  })

  it('leaves no gap: every place of the output belongs to one part', () => {
    const output = 'a\u001b[31mb\u001b]0;t\u0007c\u001b[2Cd\u001b'
    let place = 0
    for (const part of partsOf([...output])) {
      expect(part.start).toBe(place)
      place = part.kind === 'text' ? part.start + part.text.length : part.end
    }
    expect(place).toBe(output.length)
  })

  it('does not hold what never becomes a sequence', () => {
    const splitter = createTerminalSplitter()
    splitter.push(`\u001b[${'1;'.repeat(3000)}`, () => undefined)
    expect(splitter.unfinished).toBe('')
  })
})
