import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { EnvelopeError, open, seal } from './envelope.ts'

const key = Buffer.alloc(32, 7)
const context = 'originals:find-0000000000000001'

describe('an envelope', () => {
  it.each(['', 'ceo@acme.test', 'Grüße 🙂', 'x'.repeat(100_000)])('gives back what was put in (%#)', (text) => {
    expect(open(key, seal(key, text, context), context).toString('utf8')).toBe(text)
  })

  it('gives back bytes too', () => {
    const bytes = randomBytes(1000)
    expect(open(key, seal(key, bytes, context), context).equals(bytes)).toBe(true)
  })

  it('does not show what is in it, nor that the same thing was sealed twice', () => {
    const sealed = seal(key, 'ceo@acme.test', context)
    expect(sealed.includes('acme')).toBe(false)
    expect(sealed.equals(seal(key, 'ceo@acme.test', context))).toBe(false)
    expect(sealed.subarray(1, 13).equals(seal(key, 'ceo@acme.test', context).subarray(1, 13))).toBe(false)
  })

  it('refuses each single bit that was flipped, wherever it stands', () => {
    const sealed = seal(key, 'ceo@acme.test', context)
    for (let place = 0; place < sealed.length * 8; place++) {
      const changed = Buffer.from(sealed)
      changed[place >> 3] = (changed[place >> 3] as number) ^ (1 << (place & 7))
      expect(() => open(key, changed, context), `bit ${place}`).toThrow(EnvelopeError)
    }
  })

  it('refuses what was cut or prolonged', () => {
    const sealed = seal(key, 'ceo@acme.test', context)
    for (let length = 0; length < sealed.length; length++) expect(() => open(key, sealed.subarray(0, length), context)).toThrow(EnvelopeError)
    expect(() => open(key, Buffer.concat([sealed, Buffer.of(0)]), context)).toThrow(EnvelopeError)
  })

  it('opens neither elsewhere nor with another key, and says so', () => {
    const sealed = seal(key, 'ceo@acme.test', context)
    expect(() => open(key, sealed, 'originals:find-0000000000000002')).toThrow('belongs elsewhere')
    expect(() => open(Buffer.alloc(32, 8), sealed, context)).toThrow('another master key')
  })
})
