import { expect, it } from 'vitest'
import { watchFullScreen } from './fullScreen.ts'

it('knows when a program has the whole screen', () => {
  const watch = watchFullScreen()
  expect(watch.after('text \u001b[31mred\u001b[0m \u001b[?25l\u001b[?2004h')).toBe(false)
  expect(watch.after('\u001b[?1049h\u001b[22;0;0t')).toBe(true)
  expect(watch.after('~\r\n~')).toBe(true)
  expect(watch.after('bye\u001b[?1049l$ ')).toBe(false)
  expect(watch.after('\u001b[?25;47h\u001b[?1047l\u001b[?1;1049h')).toBe(true)
})

it('knows it wherever the output is cut', () => {
  for (const [before, sequence, after] of [[false, '\u001b[?1049h', true], [true, '\u001b[?12;1049;25l', false]] as const) {
    for (let cut = 0; cut <= sequence.length; cut++) {
      const watch = watchFullScreen()
      if (before) watch.after('\u001b[?1049h')
      expect(watch.after(`a${sequence.slice(0, cut)}`)).toBe(cut === sequence.length ? after : before)
      expect(watch.after(`${sequence.slice(cut)}b`)).toBe(after)
    }
  }
})
