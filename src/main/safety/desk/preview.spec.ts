import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createScanner } from '../scan/createScanner.ts'
import { previewOf, safeExcerpt } from './preview.ts'

const SECRET = 'invented-Secret-4711-value-that-is-long'
const scanner = createScanner({ types: new Set(PrivateType.options), secrets: [SECRET] })

/** The preview of the n-th match. */
function preview(text: string, index = 0): string {
  const match = scanner.scan(text)[index]
  if (!match) throw new Error('Nothing was found.')
  return previewOf(scanner, text, 0, match)
}

describe('a preview', () => {
  it('shows forty characters on either side, and markers for everything private', () => {
    const text = `${'before '.repeat(20)}ceo@acme.com${' after'.repeat(20)}`
    const shown = preview(text)
    expect(shown).toMatch(/^….{40}\[EMAIL_REDACTED\].{40}…$/)
    expect(preview('Contact ceo@acme.com')).toBe('Contact [EMAIL_REDACTED]')
    expect(preview('Mail cfo@acme.com or ceo@acme.com, or (415) 555-0132, or nobody', 1)).toBe('Mail [EMAIL_REDACTED] or [EMAIL_REDACTED], or [PHONE_REDACTED], or')
  })

  it('is one line, and nothing in it is obeyed by a terminal or turns the reader’s eye', () => {
    const shown = preview('a\u001b[31mred\u001b]0;title\u0007\r\nnext\u0000\u202eline\u200b \u2028ceo@acme.com\t\u009b1m, ok')
    expect(shown).toBe('ared next line [EMAIL_REDACTED] 1m,')
  })

  it('begins where the text around the match begins, for a text that came in pieces', () => {
    const [match] = scanner.scan('Please contact ceo@acme.com, now')
    const shifted = { ...match!, start: match!.start + 1_000, end: match!.end + 1_000 }
    // The first word may be the rest of one, the last the beginning of one.
    expect(previewOf(scanner, 'Please contact ceo@acme.com, now', 1_000, shifted)).toBe('contact [EMAIL_REDACTED],')
    expect(previewOf(scanner, '', 0, shifted)).toBe('[EMAIL_REDACTED]')
  })

  const VALUES = ['cfo@other-company.com', '(415) 555-0132', '078-05-1120', '4111 1111 1111 1111', 'GB82 WEST 1234 5698 7654 32', SECRET]

  it.each(VALUES)('shows no part of %s, however far away it stands and wherever it is cut', (value) => {
    for (let distance = 0; distance < 60; distance++) {
      const gap = ` ${'x'.repeat(distance)} `
      for (const text of [`ceo@acme.com${gap}${value} end`, `start ${value}${gap}ceo@acme.com`]) {
        const match = scanner.scan(text).find(({ type, value: found }) => type === 'email' && found === 'ceo@acme.com')
        const shown = previewOf(scanner, text, 0, match!)
        for (let i = 0; i + 6 <= value.length; i++) expect(shown, `${distance}`).not.toContain(value.slice(i, i + 6))
      }
    }
  })

  it.each(VALUES)('shows no part of %s where the text that came with the match is itself a cut window', (value) => {
    const text = `${value} ${'x'.repeat(10)} ceo@acme.com ${'x'.repeat(10)} ${value}`
    const match = scanner.scan(text).find(({ value: found }) => found === 'ceo@acme.com')!
    for (let cut = 0; cut <= value.length; cut++) {
      const window = text.slice(cut, text.length - cut)
      const shown = previewOf(scanner, window, cut, match)
      for (let i = 0; i + 8 <= value.length; i++) expect(shown, `${cut}: ${shown}`).not.toContain(value.slice(i, i + 8))
    }
  })

  it('has nothing in it that would be found again, whatever stands around', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom(...VALUES, '\u001b[1m', '\u200b', ' ', '\n', '@', '.com'))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(piece, { maxLength: 12 }), (before, after) => {
        const text = `${before.join('')} ceo@acme.com ${after.join('')}`
        for (const match of scanner.scan(text)) {
          const shown = previewOf(scanner, text, 0, match)
          expect(scanner.scan(shown)).toEqual([])
          expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
        }
      }),
      { numRuns: 200 },
    )
  })
})

it('an excerpt is cut and redacted whole', () => {
  expect(safeExcerpt(scanner, `${'word '.repeat(10)}ceo@acme.com`, 53)).toBe(`${'word '.repeat(10)}[EM…`)
  expect(safeExcerpt(scanner, 'messages[3].content', 200)).toBe('messages[3].content')
  expect(safeExcerpt(scanner, 'arguments["ceo@acme.com"].x', 200)).toContain('[EMAIL_REDACTED]')
})
