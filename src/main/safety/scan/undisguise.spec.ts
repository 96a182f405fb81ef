import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUndisguiser, undisguised } from './undisguise.ts'

describe('undisguised', () => {
  it.each([
    ['plain text (with 50 % & more) <b>', 'plain text (with 50 % & more) <b>'],
    ['ｃｅｏ＠ａｃｍｅ．ｃｏｍ', 'ceo@acme.com'],
    ['４１５－５５５－０１３２', '415-555-0132'],
    ['ceo﹫acme｡com', 'ceo@acme.com'],
    ['٤١٥ ५५५ ०१३२', '415 555 0132'],
    ['𝟒𝟏𝟓 𝐜𝐞𝐨', '415 ceo'],
    ['c\u200be\u00ado\ufeff@\u2060a\ufe0fc\u{e0101}me.com', 'ceo@acme.com'],
    ['415\u00a0555\u20090132', '415 555 0132'],
    ['415‑555−0132', '415-555-0132'],
    ['415–555—0132', '415-555-0132'],
    ['write—ceo – or', 'write—ceo – or'],
    ['ceo%40acme%2ecom%20x', 'ceo@acme.com x'],
    ['ceo%2540acme.com', 'ceo@acme.com'],
    ['100%4', '100%4'],
    ['caf%C3%A9', 'caf%C3%A9'],
    ['ceo&#64;acme&#x2E;com', 'ceo@acme.com'],
    ['ceo&#00064acme.com', 'ceo@acme.com'],
    ['ceo&commat;acme&period;com&nbsp;x', 'ceo@acme.com x'],
    ['ceo&amp;#64;acme.com', 'ceo@acme.com'],
    ['ceo&#', 'ceo&#'],
    ['AT&T; R&D; &unknown;', 'AT&T; R&D; &unknown;'],
    [String.raw`ceo\u0040acme\x2ecom\u{40}`, 'ceo@acme.com@'],
    [String.raw`a\nceo@acme.com\tx`, 'a\nceo@acme.com\nx'],
    [String.raw`\q \u00 \x4 \u{`, String.raw`\q \u00 \x4 \u{`],
    ['ceo [at] acme [dot] com', 'ceo@acme.com'],
    ['ceo(AT)acme{Dot}com', 'ceo@acme.com'],
    ['ceo  < @ >  acme  [.]  com', 'ceo@acme.com'],
    ['ceo （at） acme.com', 'ceo@acme.com'],
    ['ceo\u00a0[at]\u00a0acme', 'ceo@acme'],
    ['meet at dot com', 'meet at dot com'],
    ['(attached) [dotted] (at the)', '(attached) [dotted] (at the)'],
    ['(at]', '(at]'],
    ['👩‍👧 ok', '👩👧 ok'],
    ['\u001b[31m415-555\u001b[1;4m-0132\u001b[0m\u001b[K!', '415-555-0132!'],
    ['ceo\u001b[5Cacme \u001b[?25h', 'ceo acme  '],
    ['\u001b[31', '\u001b[31'],
    ['\u001b]0;title\u0007', '\u001b]0;title\u0007'],
    [String.raw`\u001b[31mceo\x1b[0m@\e[1macme\033[0m.com \0 \e \03 \u001b`, String.raw`ceo@acme.com \0 \e \03 \u001b`],
    ['电话415-555-0132。2026年 a。b', '电话415-555-0132。2026年 a.b'],
  ])('%s', (text, plain) => {
    expect(undisguised(text)).toBe(plain)
  })

  it('takes no endless run of invisible characters for a disguise', () => {
    expect(undisguised(`a${'\u200b'.repeat(16)}b`)).toBe('ab')
    expect(undisguised(`a${'\u200b'.repeat(18)}b`)).toBe('a\u200b\u200bb')
  })
})

const parts = fc.constantFrom('a', ' ', '(', 'at', ')', '[at]', '%', '4', '0', '25', '&', '#64', ';', 'amp;', '\\', 'u0040', 'x40', 'n', '\u200b', '\u00a0', '–', '1', 'Ａ', '𝟏', '\ud835', '\udfcf', '😀', '.', 'é', '。', '\u001b', '[', '3', 'm', 'x1b')
const texts = fc.array(parts, { maxLength: 40 }).map((all) => all.join(''))

describe('createUndisguiser', () => {
  it('takes half a megabyte of nothing but disguises in one go', () => {
    expect(undisguised('。１–'.repeat(150_000))).toBe('.1-'.repeat(150_000))
  })

  it('reads the same, however the text is cut', () => {
    fc.assert(
      fc.property(texts, fc.nat({ max: 6 }), (text, size) => {
        const undisguiser = createUndisguiser()
        for (let from = 0; from < text.length; from += size + 1) undisguiser.add(text.slice(from, from + size + 1), false)
        undisguiser.add('', true)
        expect(undisguiser.text).toBe(undisguised(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('knows where each character stands in the original, also after it forgot what was before', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, dropAt) => {
        const whole = createUndisguiser()
        whole.add(text, true)
        const some = createUndisguiser()
        some.add(text, true)
        const drop = dropAt % (whole.text.length + 1)
        some.drop(drop)
        expect(some.text).toBe(whole.text.slice(drop))
        let before = 0
        for (let index = 0; index < whole.text.length; index++) {
          const [start, end] = [whole.startOf(index), whole.endOf(index + 1)]
          expect(start).toBeGreaterThanOrEqual(before)
          expect(end).toBeGreaterThan(start)
          // What stands there means this character by itself too, unless a dash's or a stop's neighbours say so.
          if (!'-。'.includes(whole.text[index]!)) expect(undisguised(text.slice(start, end))).toBe(whole.text[index])
          if (index >= drop) {
            expect(some.startOf(index - drop)).toBe(start)
            expect(some.endOf(index - drop + 1)).toBe(end)
          }
          before = end
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
