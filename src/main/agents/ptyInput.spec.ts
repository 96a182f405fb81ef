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

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
    void input.write('one ')
    void input.write('')
    void input.write('two ä')
    expect([taken, tries]).toEqual(['one two Ã¤', 2])
  })

  it('waits for a process that does not read, which is looked at now and then', () => {
    room = 3
    void input.write('first line\n')
    void input.write('second line\n')
    expect(taken).toBe('fir')
    clock.advance(60_000)
    expect(tries).toBeLessThan(1_300)
    room = 100
    clock.advance(50)
    expect(taken).toBe('first line\nsecond line\n')
    expect(clock.waiting()).toBe(0)
    // Whoever reads again is not kept waiting.
    void input.write('third\n')
    expect(taken).toBe('first line\nsecond line\nthird\n')
  })

  it('goes nowhere when the terminal is gone: its number may be a file of somebody else', () => {
    void input.write('typed too late')
    input.close()
    room = 100
    clock.advance(60_000)
    void input.write('typed later')
    expect([taken, clock.waiting()]).toEqual(['', 0])
  })

  it('is forgotten when nobody is at the other end', () => {
    problem = Object.assign(new Error('invented'), { code: 'EIO' })
    void input.write('one')
    problem = null
    room = 100
    void input.write('two')
    expect([taken, tries]).toEqual(['', 1])
  })

  it('is taken at once while little of it waits; whoever brings more than that waits too', async () => {
    const heard: string[] = []
    const said = (what: string) => (): void => void heard.push(what)
    void input.write('x'.repeat(900_000)).then(said('first'))
    void input.write('y'.repeat(200_000)).then(said('second'))
    await turn()
    expect(heard).toEqual(['first'])
    room = 150_000
    clock.advance(50)
    await turn()
    expect(heard).toEqual(['first', 'second'])
    void input.write('z'.repeat(100_000)).then(said('third'))
    input.close()
    await turn()
    expect(heard).toEqual(['first', 'second', 'third'])
  })
})
