import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../shared/domain/safetyRules.ts'
import { createScanner } from './createScanner.ts'
import type { Match } from './scanner.ts'

const scanner = createScanner({ types: new Set(PrivateType.options) })

function inPieces(pieces: readonly string[]): Match[] {
  const stream = scanner.stream()
  const matches: Match[] = []
  let total = 0
  let before = 0
  const take = ({ settled, matches: more }: { settled: number; matches: readonly Match[] }): void => {
    for (const match of more) {
      expect(match.start).toBeGreaterThanOrEqual(before)
      expect(match.end).toBeLessThanOrEqual(settled)
      before = match.end
    }
    expect(settled).toBeGreaterThanOrEqual(before)
    expect(stream.held.length).toBe(total - settled)
    before = settled
    matches.push(...more)
  }
  for (const piece of pieces) {
    total += piece.length
    take(stream.push(piece))
  }
  take(stream.end())
  expect(stream.held).toBe('')
  return matches
}

describe('scan', () => {
  it('finds an address where it stands', () => {
    expect(scanner.scan('Contact ceo@acme.com')).toEqual([{ type: 'email', start: 8, end: 20, value: 'ceo@acme.com' }])
  })
})

describe('stream', () => {
  it('decides the same, however the text is cut', () => {
    const text = 'Contact ceo@acme.com, or "jo.doe"@mail.example.co.uk; ceo [at] acme (dot) com. ｃｅｏ＠acme．com c\u200beo%40acme.com!'
    const whole = scanner.scan(text)
    expect(whole).toHaveLength(5)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
        expect(inPieces(places.slice(1).map((end, index) => text.slice(places[index], end)))).toEqual(whole)
      }),
    )
  })
})
