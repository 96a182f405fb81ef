import { describe, expect, it } from 'vitest'
import { formatCountdown, secondsToDue, secondsToNext } from './countdown.ts'
import { sampleDemo, sampleRun, sampleTrigger } from './testDemo.ts'

const never = (): number => {
  throw new Error('The clock was read.')
}

describe('the countdown', () => {
  it('goes on from when the room said it, and never below nothing', () => {
    const demo = sampleDemo({ at: 1_000, run: sampleRun({ next: { id: 'budget', lead: 85, inMs: 185_000 } }) })
    expect([1_000, 1_001, 2_000, 186_000, 200_000].map((now) => secondsToNext(demo, () => now))).toEqual([185, 185, 184, 0, 0])
  })

  it('stands still while nothing runs, without a look at the clock', () => {
    for (const phase of ['paused', 'starting', 'interrupted', 'over'] as const) {
      expect(secondsToNext(sampleDemo({ run: sampleRun({ phase }) }), never)).toBe(185)
    }
  })

  it('is not there where nobody can tell', () => {
    expect(secondsToNext(null, never)).toBeNull()
    expect(secondsToNext(sampleDemo(), never)).toBeNull()
    expect(secondsToNext(sampleDemo({ run: sampleRun({ next: null }) }), never)).toBeNull()
    expect(secondsToNext(sampleDemo({ run: sampleRun({ next: { id: 'budget', lead: 85, inMs: null } }) }), never)).toBeNull()
    expect(secondsToNext(sampleDemo({ run: sampleRun({ speed: 'max', next: { id: 'budget', lead: 85, inMs: 0 } }) }), never)).toBeNull()
  })

  it('tells how long the presenter’s turn lasts', () => {
    const due = sampleTrigger({ id: 'rotation', state: 'due', dueAt: 21_000 })
    expect(secondsToDue(sampleDemo({ triggers: [sampleTrigger(), due] }), () => 1_000)).toBe(20)
    expect(secondsToDue(sampleDemo({ triggers: [{ ...due, dueAt: null }] }), never)).toBeNull()
    expect(secondsToDue(sampleDemo(), never)).toBeNull()
  })

  it('reads as clocks do', () => {
    expect([0, 20, 185, 3_750].map(formatCountdown)).toEqual(['0:00', '0:20', '3:05', '1:02:30'])
  })
})
