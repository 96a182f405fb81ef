import { describe, expect, it } from 'vitest'
import { createPageCrashes } from './pageCrashes.ts'

describe('a page that crashes', () => {
  it('is loaded again three times within a minute, and not a fourth time', () => {
    let now = 1_000
    const crashes = createPageCrashes({ now: () => now, after: () => ({ cancel: () => {} }) })
    expect([crashes.mayLoadAgain(), crashes.mayLoadAgain(), crashes.mayLoadAgain(), crashes.mayLoadAgain()]).toEqual([true, true, true, false])
    now += 59_999
    expect(crashes.mayLoadAgain()).toBe(false)
    now += 60_000
    expect(crashes.mayLoadAgain()).toBe(true)
  })
})
