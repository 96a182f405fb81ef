import { expect, it } from 'vitest'
import { missingLine } from './expectedOutput.ts'

const SAID = '[09:01:02] INFO lg-00000001 started\nanything\nlg-00000001 stopped after 2 s, exit code 0\n$5.29 of $50.00 spent\n'

it.each([
  ['$5.29 of $50.00 spent', null],
  ['[14:23:45] INFO lg-7a3f9c2d started\n…\nlg-7a3f9c2d stopped after 12 s, exit code 0', null],
  ['lg-7a3f9c2d stopped after 12 s, …\n$5.29 of … spent', null],
  ['$5.28 of $50.00 spent', '$5.28 of $50.00 spent'],
  ['[14:23:45] INFO lg-7a3f9c2d started\nlg-7a3f9c2d stopped after 12 s, exit code 0', 'lg-7a3f9c2d stopped after 12 s, exit code 0'],
  ['$5.29 of $50.00 spent\n…\nanything', 'anything'],
  ['anything\nlg-7a3f9c2d stopped after 2 s, exit code 0', null],
  ['5.29 of $50.00', '5.29 of $50.00'],
])('%s', (shown, missing) => {
  expect(missingLine(shown, SAID)).toBe(missing)
})
