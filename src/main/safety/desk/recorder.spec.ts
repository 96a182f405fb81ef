import { describe, expect, it } from 'vitest'
import type { Announcement } from '../../../shared/domain/event.ts'
import type { SafetyRecord } from '../../../shared/domain/safety.ts'
import { EMPTY_RECORD } from './notes.ts'
import { createRecorder, type Noted } from './recorder.ts'

const recordOf = (number: number): SafetyRecord => ({
  ...EMPTY_RECORD,
  id: `find-${String(number).padStart(16, '0')}`,
  at: number,
  kind: 'private',
  agentId: 'lg-7a3f9c2d',
  type: 'email',
  severity: 'CRITICAL',
  direction: 'from-model',
  action: 'redacted',
})

/** Time that goes on by so much at each look. */
function opened(stepMs = 0) {
  let now = 0
  const turns: number[] = []
  const told: number[] = []
  const failures: unknown[] = []
  const recorder = createRecorder({
    originals: { save: () => undefined },
    clock: { now: () => (now += stepMs) },
    announce: async ({ payload }: Announcement) => {
      turns.push((payload as { records: SafetyRecord[] }).records.length)
      told.push(...(payload as { records: SafetyRecord[] }).records.map(({ at }) => at))
    },
    onDefect: () => undefined,
    onFailure: (problem) => void failures.push(problem),
  })
  return { recorder, told, failures, turns }
}

describe('what is noted', () => {
  it('is made when whoever noted it has gone on, and written in its order', async () => {
    const { recorder, told } = opened()
    const made: number[] = []
    const noted = (number: number) => (): Noted => {
      made.push(number)
      return { record: recordOf(number), sealed: null }
    }
    const numbers = Array.from({ length: 300 }, (_, index) => index)
    for (const number of numbers) recorder.note(noted(number))
    expect(made).toEqual([])
    await recorder.settled()
    expect([made, told]).toEqual([numbers, numbers])
  })

  it('is made a few at a time, where making takes long', async () => {
    const { recorder, told, turns } = opened(2)
    for (let number = 0; number < 6; number++) recorder.note(() => ({ record: recordOf(number), sealed: null }))
    await recorder.settled()
    expect([told, turns]).toEqual([[0, 1, 2, 3, 4, 5], [2, 2, 2]])
  })

  it('and cannot be made is told of, and the rest is written', async () => {
    const { recorder, told, failures } = opened()
    const problem = new Error('No hash today.')
    recorder.note(() => ({ record: recordOf(1), sealed: null }))
    recorder.note(() => {
      throw problem
    })
    recorder.note(() => ({ record: recordOf(2), sealed: null }))
    await recorder.settled()
    expect([told, failures]).toEqual([[1, 2], [problem]])
  })
})
