import { expect, it } from 'vitest'
import { plainLines } from './plainLines.ts'

it.each([
  ['plain', 'one\r\ntwo\r\n', ['one', 'two']],
  ['colours', '\u001b[31mred\u001b[0m\n', ['red']],
  ['a progress bar rewritten in place', '10%\r50%\r100%\r\ndone\r\n', ['100%', 'done']],
  ['an unfinished last line', 'Name: ', ['Name: ']],
  ['a title in between', '\u001b]0;title\u0007text\n', ['text']],
  ['a link, ended in the other way', '\u001b]8;;https://acme.test\u001b\\text\u001b]8;;\u001b\\\n', ['text']],
  ['a title that is cut off', 'text\n\u001b]0;tit', ['text', 'it']],
  ['nothing but rewriting', '\r\r\n\r', ['']],
  ['a million carriage returns that end no line', `${'\r'.repeat(1_000_000)}x\n`, ['x']],
  ['hundreds of thousands of titles that nothing ends', '\u001b]0;x'.repeat(300_000), [';x'.repeat(300_000)]],
  ['empty lines in the middle', 'a\n\nb\n', ['a', '', 'b']],
  ['nothing', '', []],
])('%s', (_name, output, lines) => {
  expect(plainLines(output)).toEqual(lines)
})
