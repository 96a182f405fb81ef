import { describe, expect, it } from 'vitest'
import { redactJson } from './redactJson.ts'

const redact = (text: string): string => text.replaceAll(/\S+@\S+/g, '[EMAIL_REDACTED]')

describe('a JSON value', () => {
  it('is redacted in its strings and names, however deep; numbers stay', () => {
    const value = { 'ceo@acme.test': 4155550132, list: ['to cfo@acme.test', { note: 'all is well', n: null }], flag: true }
    expect(redactJson(value, redact)).toEqual({ '[EMAIL_REDACTED]': 4155550132, list: ['to [EMAIL_REDACTED]', { note: 'all is well', n: null }], flag: true })
  })

  it('is the very same object where nothing was found', () => {
    const value = { list: [1, 'two', { three: 3 }] }
    expect(redactJson(value, redact)).toBe(value)
  })

  it('loses no member when two names become the same', () => {
    expect(redactJson({ 'a@b.test': 1, 'c@d.test': 2, '[EMAIL_REDACTED]': 3, 'e@f.test': 4 }, redact)).toEqual({
      '[EMAIL_REDACTED] 2': 1,
      '[EMAIL_REDACTED] 3': 2,
      '[EMAIL_REDACTED]': 3,
      '[EMAIL_REDACTED] 4': 4,
    })
  })

  it('takes a hundred thousand such names in one go', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`user${index}@acme.test`, index]))
    expect(Object.keys(redactJson(many, redact))).toHaveLength(100_000)
  })

  it('may have any name, and be deeper than any other but no circle', () => {
    const odd = JSON.parse('{"__proto__":{"x":"a@b.test"}}') as { [key: string]: string }
    expect(JSON.stringify(redactJson(odd, redact))).toBe('{"__proto__":{"x":"[EMAIL_REDACTED]"}}')
    const circle: { [key: string]: never } = {}
    circle.self = circle as never
    expect(() => redactJson(circle, redact)).toThrow(/nested more than 512 levels/)
  })
})
