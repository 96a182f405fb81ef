import { expect, it } from 'vitest'
import { createNotes } from './notes.ts'

it('lets no summary move the cursor: names of models and of work are what an agent says they are', () => {
  const lines: string[] = []
  const notes = createNotes({ screen: { note: (line: string) => void lines.push(line) } as never, format: 'text', least: 'INFO', clock: { now: () => 0, after: () => ({ cancel: () => undefined }) } })
  notes.conclude('lg-7a3f9c2d stopped\u001b[2J', 'lg-7a3f9c2d')
  notes.sumUp(['  gpt\u001b[1A-4  $0.03  1 call', '1 lead\u0007 done'], 'lg-7a3f9c2d', {})
  expect(lines).toEqual(['lg-7a3f9c2d stopped\\u001b[2J', '  gpt\\u001b[1A-4  $0.03  1 call', '1 lead\\u0007 done'])
})
