import { describe, expect, it } from 'vitest'
import { createRedactionCounter } from './redactions.ts'

describe('what was redacted in a terminal', () => {
  it('is counted by the markers that stand for it', () => {
    const counter = createRedactionCounter()
    expect(counter.count('write to [EMAIL_REDACTED] or call [PHONE_REDACTED]\r\n')).toBe(2)
    expect(counter.count('nothing here, and [MADE_UP_REDACTED] is none of ours')).toBe(2)
    expect(counter.count('key [SECRET_REDACTED]')).toBe(3)
  })

  it.each([...'[EMAIL_REDACTED]'].map((_, at) => at))('counts a marker once that is cut after %d letters', (at) => {
    const counter = createRedactionCounter()
    const marker = '[EMAIL_REDACTED]'
    counter.count(`one [SSN_REDACTED] ${marker.slice(0, at)}`)
    expect(counter.count(`${marker.slice(at)}, more`)).toBe(2)
    expect(counter.count(' and nothing')).toBe(2)
  })

  it('counts letter by letter, and begins anew with the screen', () => {
    const counter = createRedactionCounter()
    let count = 0
    for (const letter of 'a [IP_REDACTED][IP_REDACTED] b') count = counter.count(letter)
    expect(count).toBe(2)
    counter.reset()
    expect(counter.count('REDACTED]')).toBe(0)
  })
})
