import { expect, it } from 'vitest'
import { plainLines } from './plainLines.ts'

it.each([
  ['plain', 'one\r\ntwo\r\n', ['one', 'two']],
  ['colours', '\u001b[31mred\u001b[0m\n', ['red']],
  ['a progress bar rewritten in place', '10%\r50%\r100%\r\ndone\r\n', ['100%', 'done']],
  ['an unfinished last line', 'Name: ', ['Name: ']],
  ['a title in between', '\u001b]0;title\u0007text\n', ['text']],
  ['empty lines in the middle', 'a\n\nb\n', ['a', '', 'b']],
  ['nothing', '', []],
])('%s', (_name, output, lines) => {
  expect(plainLines(output)).toEqual(lines)
})
