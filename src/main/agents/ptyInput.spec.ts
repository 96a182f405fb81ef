import { beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { createPtyInput, type PtyInput } from './ptyInput.ts'

/** A terminal that takes so many bytes, and then none until it is read. */
let room: number
let taken: string
let tries: number
let problem: NodeJS.ErrnoException | null
let clock: TestClock
let input: PtyInput

beforeEach(() => {
  ;[room, taken, tries, problem] = [0, '', 0, null]
  clock = createTestClock()
  input = createPtyInput({
    fd: 7,
    clock,
    write(_fd, bytes, done) {
      tries++
      const written = Math.min(room, bytes.length)
      room -= written
      taken += bytes.toString('latin1', 0, written)
      const full = Object.assign(new Error('invented'), { code: 'EAGAIN' })
      done(problem ?? (written === 0 ? full : null), written)
    },
  })
})

describe('what is typed into a terminal', () => {
  it('goes there at once, in its order', () => {
    room = 100
    input.write('one ')
    input.write('')
    input.write('two ä')
    expect([taken, tries]).toEqual(['one two Ã¤', 2])
  })

  it('waits for a process that does not read, which is looked at now and then', () => {
    room = 3
    input.write('first line\n')
    input.write('second line\n')
    expect(taken).toBe('fir')
    clock.advance(60_000)
    expect(tries).toBeLessThan(1_300)
    room = 100
    clock.advance(50)
    expect(taken).toBe('first line\nsecond line\n')
    expect(clock.waiting()).toBe(0)
    // Whoever reads again is not kept waiting.
    input.write('third\n')
    expect(taken).toBe('first line\nsecond line\nthird\n')
  })

  it('goes nowhere when the terminal is gone: its number may be a file of somebody else', () => {
    input.write('typed too late')
    input.close()
    room = 100
    clock.advance(60_000)
    input.write('typed later')
    expect([taken, clock.waiting()]).toEqual(['', 0])
  })

  it('is forgotten when nobody is at the other end', () => {
    problem = Object.assign(new Error('invented'), { code: 'EIO' })
    input.write('one')
    problem = null
    room = 100
    input.write('two')
    expect([taken, tries]).toEqual(['', 1])
  })
})
