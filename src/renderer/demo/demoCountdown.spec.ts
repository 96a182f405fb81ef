// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watch } from 'vue'
import { createTestApp, createTestRoom, settle } from '../room/testRoom.ts'
import { useDemoCountdown } from './demoCountdown.ts'
import { sampleDemo, sampleRun, sampleTrigger } from './testDemo.ts'

beforeEach(() => vi.useFakeTimers({ now: 1_000 }))
afterEach(() => vi.useRealTimers())

async function setUp() {
  const room = createTestRoom()
  room.answer('room.identity', () => ({ caller: { role: 'admin', id: 'ada' }, version: '1.0.0', host: 'browser', dataFolder: '/data' }))
  const countdown = createTestApp(room).use(useDemoCountdown)
  await settle()
  return { ...countdown, room, push: (demo: ReturnType<typeof sampleDemo>) => room.streams('demo.follow')[0]?.push(demo) }
}

describe('the countdown on the page', () => {
  it('moves once a second, and not while the demo is paused', async () => {
    const { nextIn, push } = await setUp()
    const seen: (number | null)[] = []
    watch(nextIn, (seconds) => seen.push(seconds), { flush: 'sync' })
    push(sampleDemo({ at: 1_000, run: sampleRun({ next: { id: 'budget', lead: 85, inMs: 90_000 } }) }))
    for (let step = 0; step < 30; step++) vi.advanceTimersByTime(100)
    expect(seen).toEqual([90, 89, 88, 87])
    push(sampleDemo({ at: 4_000, run: sampleRun({ phase: 'paused', next: { id: 'budget', lead: 85, inMs: 87_000 } }) }))
    vi.advanceTimersByTime(5_000)
    expect(seen).toEqual([90, 89, 88, 87])
  })

  it('tells how long the presenter’s turn lasts, and stands still while the room does not answer', async () => {
    const { dueIn, room, push } = await setUp()
    push(sampleDemo({ run: sampleRun(), triggers: [sampleTrigger({ id: 'rotation', state: 'due', dueAt: 21_000 })] }))
    expect(dueIn.value).toBe(20)
    vi.advanceTimersByTime(5_000)
    expect(dueIn.value).toBe(15)
    room.enter({ kind: 'reconnecting', attempt: 1, retryAt: 9_000 })
    vi.advanceTimersByTime(5_000)
    expect(dueIn.value).toBe(15)
  })
})
