import { describe, expect, it } from 'vitest'
import { ADDRESS_LIMIT, createSignInLimits, NAME_LIMIT, type SignInLimits } from './signInLimits.ts'
import { createTestClock } from './testClock.ts'

const clock = createTestClock()
const HERE = 'this machine'

function refusal(limits: SignInLimits, name: string, address: string | null = HERE): unknown {
  try {
    limits.begin(name, address)
  } catch (problem) {
    return problem
  }
  return null
}

function fail(limits: SignInLimits, times: number, name: (index: number) => string, address: string | null = HERE): void {
  for (let index = 0; index < times; index++) limits.begin(name(index), address)
}

describe('the limit of sign-ins', () => {
  it('refuses a name after ten failures, others not, and says how long', () => {
    const limits = createSignInLimits(clock)
    fail(limits, NAME_LIMIT.most, () => 'ada')
    expect(refusal(limits, 'ada')).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Too many sign-ins of this name have failed; try again in 300 seconds.',
      details: { waitSeconds: 300 },
    })
    expect(refusal(limits, 'grace')).toBeNull()
  })

  it('shuts nobody out for longer because the clock was set back', () => {
    const limits = createSignInLimits(clock)
    fail(limits, NAME_LIMIT.most, () => 'ada')
    clock.advance(-24 * 60 * 60 * 1000)
    expect(refusal(limits, 'ada')).toBeNull()
  })

  it('lets a name in again when the oldest failure is old enough, and not a moment before', () => {
    const limits = createSignInLimits(clock)
    fail(limits, NAME_LIMIT.most, () => 'ada')
    clock.advance(NAME_LIMIT.withinMs - 1)
    expect(refusal(limits, 'ada')).toMatchObject({ details: { waitSeconds: 1 } })
    clock.advance(1)
    expect(refusal(limits, 'ada')).toBeNull()
  })

  it('does not count what it refuses: whoever keeps trying is not locked out for ever', () => {
    const limits = createSignInLimits(clock)
    fail(limits, NAME_LIMIT.most, () => 'ada')
    for (let count = 0; count < 100; count++) refusal(limits, 'ada')
    clock.advance(NAME_LIMIT.withinMs)
    expect(refusal(limits, 'ada')).toBeNull()
  })

  it('refuses an address after thirty, whatever names it tries, and others not', () => {
    const limits = createSignInLimits(clock)
    fail(limits, ADDRESS_LIMIT.most, (index) => `name-${index}`)
    expect(refusal(limits, 'ada')).toMatchObject({ code: 'RATE_LIMITED', message: 'Too many sign-ins from this address have failed; try again in 60 seconds.' })
    expect(refusal(limits, 'ada', '192.0.2.7')).toBeNull()
    expect(refusal(limits, 'ada', null)).toBeNull()
    clock.advance(ADDRESS_LIMIT.withinMs)
    expect(refusal(limits, 'ada')).toBeNull()
  })

  it('counts attempts that are still under way', () => {
    const limits = createSignInLimits(clock)
    const attempts = Array.from({ length: NAME_LIMIT.most }, () => limits.begin('ada', HERE))
    expect(refusal(limits, 'ada')).not.toBeNull()
    attempts[0]!.succeed()
    expect(refusal(limits, 'ada')).toBeNull()
  })

  it('forgives a name its failures when one was right, and an address only the right one', () => {
    const limits = createSignInLimits(clock)
    fail(limits, NAME_LIMIT.most - 1, () => 'ada')
    limits.begin('ada', HERE).succeed()
    fail(limits, NAME_LIMIT.most, () => 'ada')
    expect(refusal(limits, 'ada')).not.toBeNull()
    fail(limits, ADDRESS_LIMIT.most - 2 * NAME_LIMIT.most + 1, (index) => `name-${index}`)
    expect(refusal(limits, 'grace')).toMatchObject({ message: expect.stringContaining('from this address') as string })
  })
})
