import { describe, expect, it } from 'vitest'
import { createTestClock } from '../../access/testClock.ts'
import { nextTurn } from '../../nextTurn.ts'
import { streamAnswer } from './answer.ts'
import { playAnswer } from './playAnswer.ts'

describe('a simulated stream', () => {
  it('goes on at its pace where the clock is set back meanwhile', async () => {
    const time = createTestClock()
    let putBy = 0
    const clock = { ...time, now: () => time.now() + putBy }
    const heard: string[] = []
    const listener = {
      head: () => void heard.push('head'),
      data: (chunk: Buffer) => void heard.push(chunk.toString().trim()),
      end: () => void heard.push('end'),
      problem: () => void heard.push('problem'),
    }
    const answer = streamAnswer([{ data: 1 }, { data: 2 }, { data: 3 }])
    playAnswer(Promise.resolve(answer), listener, { clock, delayMs: 1_000, isStreamed: true, onOver: () => undefined })
    time.advance(500)
    await nextTurn()
    expect(heard).toEqual(['head', 'data: 1'])
    putBy = -3_600_000
    time.advance(1_000)
    expect(heard.slice(2)).toEqual(['data: 2', 'data: 3'])
    time.advance(500)
    await nextTurn()
    expect(heard.at(-1)).toBe('end')
  })
})
