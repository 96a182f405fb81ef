import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterExit, type RestartQuestion } from './restartRule.ts'

const failed: RestartQuestion = { exit: { code: 1, signal: null }, rule: 'on-failure', restartsInARow: 0, maxRestarts: 3, chance: 0.5 }

describe('what follows when a process ended by itself', () => {
  it.each<[string, Partial<RestartQuestion>, string]>([
    ['a clean end is an end', { exit: { code: 0, signal: null } }, 'done'],
    ['a failure is tried again', {}, 'again'],
    ['an agent that ended because its budget was not raised stays ended', { exit: { code: 120, signal: null } }, 'done'],
    ['and one that was blocked', { exit: { code: 121, signal: null } }, 'done'],
    ['a signal from outside is a failure', { exit: { code: null, signal: 'SIGSEGV' } }, 'again'],
    ['the third restart is still made', { restartsInARow: 2 }, 'again'],
    ['after three in a row it is enough', { restartsInARow: 3 }, 'giveUp'],
    ['never means never', { rule: 'never' }, 'giveUp'],
    ['never, and a clean end', { rule: 'never', exit: { code: 0, signal: null } }, 'done'],
    ['always brings back a clean end too', { rule: 'always', exit: { code: 0, signal: null } }, 'again'],
    ['but not for ever', { rule: 'always', exit: { code: 0, signal: null }, restartsInARow: 3 }, 'giveUp'],
    ['no restarts allowed', { maxRestarts: 0 }, 'giveUp'],
  ])('%s', (_name, change, outcome) => {
    expect(afterExit({ ...failed, ...change }).outcome).toBe(outcome)
  })

  it('waits twice as long each time, and never five seconds', () => {
    const delays = [0, 1, 2, 3, 10].map((restartsInARow) => {
      const answer = afterExit({ ...failed, restartsInARow, maxRestarts: 100 })
      return answer.outcome === 'again' ? answer.delayMs : null
    })
    expect(delays).toEqual([375, 750, 1500, 3000, 3000])
  })

  it('keeps its jitter between half and whole', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), fc.nat(20), (chance, restartsInARow) => {
        const answer = afterExit({ ...failed, chance, restartsInARow, maxRestarts: 100 })
        const ceiling = Math.min(500 * 2 ** restartsInARow, 4000)
        expect(answer.outcome === 'again' && answer.delayMs >= ceiling / 2 && answer.delayMs <= ceiling).toBe(true)
      }),
    )
  })
})
