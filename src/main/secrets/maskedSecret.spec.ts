import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FULLY_MASKED, maskedSecret } from './maskedSecret.ts'

const LONG = 'invented'.repeat(8)

describe('a masked secret', () => {
  it.each([
    [`sk-proj-abc${LONG}xyz`, 'sk-proj-abc...xyz'],
    [`sk-ant-api03-${LONG}789`, 'sk-ant-api03-inv...789'],
    ['sk-proj-1234567890abcdef', 'sk-...def'],
    [LONG, 'inv...ted'],
    ['hunter2', FULLY_MASKED],
    ['x'.repeat(23), FULLY_MASKED],
    ['', FULLY_MASKED],
    [`-----BEGIN PRIVATE KEY-----\n${LONG}\n-----END PRIVATE KEY-----\n`, FULLY_MASKED],
    [`ab ${LONG}`, FULLY_MASKED],
    [`geheim🙂${LONG}`.slice(4), FULLY_MASKED],
  ])('%j shows as %j', (value, masked) => {
    expect(maskedSecret(value)).toBe(masked)
  })

  it('never shows more than a quarter, nor more than the prefix, three characters and the last three', () => {
    const values = fc.tuple(fc.constantFrom('', 'sk-proj-', 'sk-ant-', 'ghp_', 'AKIA'), fc.string({ maxLength: 200 })).map((parts) => parts.join(''))
    fc.assert(
      fc.property(values, (value) => {
        const masked = maskedSecret(value)
        if (masked === FULLY_MASKED) return
        const tail = masked.slice(-3)
        const head = masked.slice(0, -6)
        expect(masked).toBe(`${head}...${tail}`)
        expect(value.startsWith(head) && value.endsWith(tail)).toBe(true)
        expect((head.length + tail.length) * 4).toBeLessThanOrEqual(value.length)
      }),
    )
  })
})
