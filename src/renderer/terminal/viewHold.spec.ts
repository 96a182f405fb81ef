// @vitest-environment happy-dom
import { Terminal } from '@xterm/xterm'
import { describe, expect, it } from 'vitest'
import { createViewHold } from './viewHold.ts'

const ROWS = 4

function open(scrollback = 100) {
  const terminal = new Terminal({ rows: ROWS, cols: 20, scrollback, allowProposedApi: true })
  const hold = createViewHold(terminal)
  const write = (text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve))
  const first = (): string => terminal.buffer.active.getLine(terminal.buffer.active.viewportY)?.translateToString(true) ?? ''
  return { terminal, hold, write, first }
}

const lines = (from: number, until: number): string => Array.from({ length: until - from + 1 }, (_, at) => `line ${from + at}\r\n`).join('')

describe('the view of a terminal', () => {
  it('follows at the end, and stays where somebody has scrolled to, with what came since counted', async () => {
    const { terminal, hold, write, first } = open()
    await write(lines(1, 10))
    expect([first(), hold.unseen(), hold.isAtEnd()]).toEqual(['line 8', 0, true])
    terminal.scrollLines(-3)
    await write(lines(11, 17))
    expect([first(), hold.unseen(), hold.isAtEnd()]).toEqual(['line 5', 7, false])
    terminal.scrollToBottom()
    expect([hold.unseen(), hold.isAtEnd()]).toEqual([0, true])
  })

  it('stays at what was the end when it is held there', async () => {
    const { terminal, hold, write, first } = open()
    await write(lines(1, 10))
    hold.hold(true)
    await write(lines(11, 13))
    expect([first(), hold.unseen()]).toEqual(['line 8', 3])
    hold.hold(false)
    terminal.scrollToBottom()
    await write(lines(14, 14))
    expect([first(), hold.unseen()]).toEqual(['line 12', 0])
  })

  it('is held before there is anything to scroll', async () => {
    const { hold, write, first } = open()
    hold.hold(true)
    await write(lines(1, 9))
    expect([first(), hold.isAtEnd()]).toEqual(['line 1', false])
  })

  it('is held where old lines leave as new ones come', async () => {
    const { hold, write, first } = open(6)
    await write(lines(1, 30))
    expect(first()).toBe('line 28')
    hold.hold(true)
    await write(lines(31, 32))
    expect([first(), hold.unseen()]).toEqual(['line 28', 2])
  })

  it('is held before a line that takes several rows', async () => {
    const { hold, write, first } = open()
    await write(lines(1, 10))
    hold.hold(true)
    await write(`${'x'.repeat(70)}\r\n`)
    expect([first(), hold.isAtEnd()]).toEqual(['line 8', false])
  })

  it('of a program that draws the whole screen has nothing unseen', async () => {
    const { hold, write } = open()
    await write(`${lines(1, 10)}\u001b[?1049h${lines(1, 10)}`)
    expect([hold.unseen(), hold.isAtEnd()]).toEqual([0, true])
  })
})
