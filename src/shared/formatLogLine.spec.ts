import { describe, expect, it } from 'vitest'
import { formatLogLine } from './formatLogLine.ts'

const at = new Date(2026, 10, 21, 14, 23, 45).getTime()

describe('a log line on a terminal', () => {
  it('is time, level, agent and message', () => {
    expect(formatLogLine({ at, level: 'INFO', agentId: 'lg-7a3f9c2d', msg: 'Started.' })).toBe('[14:23:45] INFO lg-7a3f9c2d Started.')
    expect(formatLogLine({ at, level: 'ERROR', agentId: null, msg: 'Failed.' })).toBe('[14:23:45] ERROR Failed.')
    expect(formatLogLine({ at: new Date(2026, 0, 2, 3, 4, 5).getTime(), level: 'WARN', msg: 'Odd.' })).toBe('[03:04:05] WARN Odd.')
  })

  it('begins each line of a message the same way', () => {
    expect(formatLogLine({ at, level: 'WARN', agentId: 'lg-7a3f9c2d', msg: 'Traceback:\n  ValueError\r\n' })).toBe(
      '[14:23:45] WARN lg-7a3f9c2d Traceback:\n[14:23:45] WARN lg-7a3f9c2d   ValueError',
    )
  })

  it('lets no message move the cursor, ring the bell or turn the text around', () => {
    expect(formatLogLine({ at, level: 'INFO', msg: '\u001b[2J\u0007a\rb\u009b1m\u202ec\td' })).toBe(
      '[14:23:45] INFO \\u001b[2J\\u0007a\\u000db\\u009b1m\\u202ec\td',
    )
  })

  it('takes its colours from whoever has some', () => {
    const line = formatLogLine({ at, level: 'WARN', agentId: 'lg-7a3f9c2d', msg: 'Odd.' }, (part, text) => `<${part}>${text}</>`)
    expect(line).toBe('<time>[14:23:45]</> <WARN>WARN</> <agent>lg-7a3f9c2d</> Odd.')
  })
})
