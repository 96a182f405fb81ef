import { beforeEach, expect, it } from 'vitest'
import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createTestClock, type TestClock } from '../../access/testClock.ts'
import { createScanner } from '../scan/createScanner.ts'
import { createTerminalFilter, type TerminalFilter } from './terminalFilter.ts'

const scanner = createScanner({ types: new Set(PrivateType.options), secrets: ['lead_gen_token'] })
let clock: TestClock
let filter: TerminalFilter
let shown: string
let kept: string

beforeEach(() => {
  clock = createTestClock()
  shown = ''
  kept = ''
  filter = createTerminalFilter({
    agentId: 'lg-7a3f9c2d',
    desk: {
      scannerFor: () => scanner,
      judge: ({ matches }) => ({ edits: matches.map(({ type, start, end }) => ({ start, end, replacement: PRIVATE_TYPES[type].marker })), blocked: null }),
    },
    clock,
    output(piece) {
      shown += piece.shown
      kept += piece.kept
    },
    onDefect(defect) {
      throw defect
    },
  })
})

function type(text: string): void {
  for (const letter of text) {
    filter.push(letter)
    clock.advance(50)
  }
}

it.each(['cat f.txt', 'vim leads_agent.py', 'less package-lock.json', 'node18', 'README.md', 'line-2', 'at 10:30', 'Python 3.11'])('%j is echoed as it is typed', (line) => {
  type(line)
  expect(shown).toBe(line)
})

it('the line at the bottom of a pager is there while nothing comes after it', () => {
  filter.push('\u001b[7mnotes/f.txt\u001b[27m\u001b[K')
  clock.advance(50)
  expect(shown).toBe('\u001b[7mnotes/f.txt\u001b[27m\u001b[K')
})

it('what turns out to be an address is taken back; on the disk it never was', () => {
  type('to bob.smith')
  expect(shown).toBe('to bob.smith')
  expect(kept).toBe('to ')
  type('@example.com')
  filter.push('\r\n')
  expect(shown).toBe(`to bob.smith${'\b \b'.repeat(9)}[EMAIL_REDACTED]\r\n`)
  expect(kept).toBe('to [EMAIL_REDACTED]\r\n')
})

it('of a handed-out secret that reads like a name no more is shown than its beginning', () => {
  type('lead_gen_toke')
  expect(shown).toBe('lead')
  type('n\n')
  expect(shown).toBe(`lead${'\b \b'.repeat(4)}[SECRET_REDACTED]\n`)
})

it.each(['ceo@', 'ceo@acme', 'sk-proj', 'sk-proj-abcDEF', 'ghp_abcDEF', '10.1.2', '3.111', '415-555', 'DE8937', 's3cr3t', 'eyJhbGci9', 'hunter2secret'])('%j is held further', (text) => {
  filter.push(`a: ${text}`)
  clock.advance(50)
  expect(shown).toBe('a: ')
})
