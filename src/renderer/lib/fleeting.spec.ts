// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { createTestTiming } from '@/room/testRoom.ts'
import { SHOWN_FOR_MS, useFleeting } from './fleeting.ts'

function setUp() {
  const timing = createTestTiming()
  const { now } = timing
  /** By which the clock is ahead of the timers, as after a sleep. */
  let ahead = 0
  timing.now = () => now() + ahead
  const page = new EventTarget()
  const scope = effectScope()
  const fleeting = scope.run(() => useFleeting(timing, page))
  if (!fleeting) throw new Error('There is no scope.')
  return { timing, page, scope, fleeting, sleep: (ms: number) => (ahead += ms) }
}

describe('a text that is not shown for long', () => {
  it('goes after half a minute, when the window is left, and with whatever shows it', () => {
    const { timing, page, scope, fleeting } = setUp()
    fleeting.show('a value')
    timing.pass(SHOWN_FOR_MS - 1)
    expect([fleeting.text.value, fleeting.until.value]).toEqual(['a value', SHOWN_FOR_MS])
    timing.pass(1)
    expect([fleeting.text.value, fleeting.until.value]).toEqual([null, null])
    fleeting.show('a value')
    page.dispatchEvent(new Event('blur'))
    expect(fleeting.text.value).toBeNull()
    fleeting.show('a value')
    scope.stop()
    expect(fleeting.text.value).toBeNull()
  })

  it('is not there any more when the machine has slept meanwhile', () => {
    const { timing, fleeting, sleep } = setUp()
    fleeting.show('a value')
    timing.pass(5_000)
    sleep(3_600_000)
    timing.pass(1_000)
    expect(fleeting.text.value).toBeNull()
  })

  it('is there no longer for a clock that was set back', () => {
    const { timing, fleeting, sleep } = setUp()
    fleeting.show('a value')
    sleep(-3_600_000)
    timing.pass(SHOWN_FOR_MS)
    expect(fleeting.text.value).toBeNull()
  })
})
