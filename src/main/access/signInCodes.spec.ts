import { describe, expect, it } from 'vitest'
import type { Caller } from '../../shared/domain/roles.ts'
import { systemRandom } from '../systemPorts.ts'
import { CODE_MS, createSignInCodes, MOST_CODES, type SignInCodes } from './signInCodes.ts'
import { createTestClock, type TestClock } from './testClock.ts'

const OWNER: Caller = { role: 'admin', id: 'owner' }

function setUp(): { clock: TestClock; codes: SignInCodes } {
  const clock = createTestClock()
  return { clock, codes: createSignInCodes({ clock, random: systemRandom }) }
}

describe('a sign-in code', () => {
  it('signs in whom it was made for, once', () => {
    const { codes } = setUp()
    const code = codes.create(OWNER)
    expect(codes.redeem(code)).toEqual(OWNER)
    expect(codes.redeem(code)).toBeNull()
  })

  it('carries at least 128 bits of chance', () => {
    const { codes } = setUp()
    expect(codes.create(OWNER)).toMatch(/^[0-9a-f]{32,}$/)
    expect(codes.create(OWNER)).not.toBe(codes.create(OWNER))
  })

  it('is good for ten minutes', () => {
    const { clock, codes } = setUp()
    const early = codes.create(OWNER)
    const late = codes.create(OWNER)
    clock.advance(CODE_MS - 1)
    expect(codes.redeem(early)).toEqual(OWNER)
    clock.advance(1)
    expect(codes.redeem(late)).toBeNull()
  })

  it('is not harmed by wrong ones', () => {
    const { codes } = setUp()
    const code = codes.create(OWNER)
    for (const wrong of ['', code.slice(1), code.toUpperCase(), `${code} `, 'constructor']) expect(codes.redeem(wrong)).toBeNull()
    expect(codes.redeem(code)).toEqual(OWNER)
  })

  it('gives way, the oldest first, when too many are outstanding', () => {
    const { codes } = setUp()
    const all = Array.from({ length: MOST_CODES + 1 }, () => codes.create(OWNER))
    expect(codes.redeem(all[0]!)).toBeNull()
    expect(all.slice(1).map((code) => codes.redeem(code))).toEqual(Array(MOST_CODES).fill(OWNER))
  })

  it('makes room by itself once it is too old', () => {
    const { clock, codes } = setUp()
    for (let index = 0; index < MOST_CODES; index++) codes.create(OWNER)
    clock.advance(CODE_MS)
    const fresh = Array.from({ length: MOST_CODES }, () => codes.create(OWNER))
    expect(codes.redeem(fresh[0]!)).toEqual(OWNER)
  })
})
