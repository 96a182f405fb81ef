import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createScanner } from './createScanner.ts'
import type { Decided, Match } from './scanner.ts'

const RUNS = Number(process.env['RUNS'] ?? 200)
const SECRET = 'invented-Secret/42%of+it'
const scanner = createScanner({ types: new Set(PrivateType.options), secrets: [SECRET] })

function inPieces(pieces: readonly string[]): Match[] {
  const stream = scanner.stream()
  const matches: Match[] = []
  let total = 0
  let before = 0
  const take = ({ settled, matches: more }: Decided): void => {
    let from = before
    for (const match of more) {
      expect(match.start).toBeGreaterThanOrEqual(from)
      expect(match.end).toBeLessThanOrEqual(settled)
      from = match.end
    }
    expect(settled).toBeGreaterThanOrEqual(from)
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

const cutAt = (text: string, cuts: readonly number[]): string[] => {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length]
  return places.slice(1).map((end, index) => text.slice(places[index], end))
}

const VALUES = [
  'ceo@acme.com',
  '"jo.doe"@mail.example.co.uk',
  'ceo [at] acme (dot) com',
  'ｃｅｏ＠acme．com',
  'c\u200beo%40ac\u00adme.com',
  'git@github.com:acme/repo',
  '(415) 555-0132',
  '+1 415 555 0132 ext. 12',
  '415‑555‑0132',
  '+44 20 7946 0018',
  '078-05-1120',
  '900-70-0001',
  '4111 1111 1111 1111',
  '4111111111111111',
  'DE89 3704 0044 0532 0130 00',
  'GB29NWBK60161331926819',
  '203.0.113.7',
  '2001:db8::ff00:42:8329',
  `sk-proj-${'iNvEnTeD0'.repeat(6)}`,
  SECRET,
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('base64'),
  'password = "inVented-77-pass"',
  'postgres://user:inVented77pass@db.example.com/x',
]
const BETWEEN = [' ', '\n', ', ', '. ', 'and ', 'call ', 'SSN: ', '-', '.', '@', '(', ')', '"', '\\n', '%40', ' [at', '  ', '\u00a0', '[at]', '\u00ad\ufeff', '–', '%2', '&#6', '%2540', '&commat;', '\u200b', '😀', '1', '+', 'card ', '=', ':', '文', 'a']

/** What a value may seem to begin with, over and over. */
const ENDLESS = ['a.', 'a@', '1', '-1', '1 ', '(', '@', 'a@a.', '%40', ' [at] ', '\u200b', 'aa', 'DE89 ', '4111 ', '1.1.', ':1', 'sk-', '"', '文', 'a@aa.', '2001:', '+1 ']
const run = fc.tuple(fc.constantFrom(...ENDLESS), fc.nat({ max: 400 })).map(([part, length]) => part.repeat(length / part.length))

const mixed = fc
  .array(fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...VALUES) }, { weight: 3, arbitrary: fc.constantFrom(...BETWEEN) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) }, { weight: 1, arbitrary: run }), { maxLength: 30 })
  .map((parts) => parts.join(''))

describe('scan', () => {
  it('finds an address where it stands', () => {
    expect(scanner.scan('Contact ceo@acme.com')).toEqual([{ type: 'email', start: 8, end: 20, value: 'ceo@acme.com' }])
  })

  it.each(VALUES.filter((value) => !value.startsWith('git@')))('finds something private in %s', (value) => {
    expect(scanner.scan(`Call or write: ${value} today`).length).toBeGreaterThan(0)
  })

  it.each([
    ['email', 'ceo@acme.com', 'ｃｅｏ＠ａｃｍｅ．ｃｏｍ'],
    ['email', 'ceo@acme.com', 'c\u200beo\u00ad@acme\ufeff.com'],
    ['email', 'ceo@acme.com', 'CEO [at] acme [dot] com'],
    ['email', 'ceo@acme.com', 'ceo%40acme.com'],
    ['email', 'ceo@acme.com', 'ceo&#64;acme&period;com'],
    ['email', 'ceo@acme.com', String.raw`ceo\u0040acme.com`],
    ['phone', '+14155550132', '(415)\u00a0555‑0132'],
    ['phone', '+14155550132', '４１５–５５５–０１３２'],
    ['phone', '+14155550132', '415\u200b-555-\u200b0132'],
    ['ssn', '078051120', '078−05−1120'],
    ['card', '4111111111111111', '4111\u20091111\u20091111\u20091111'],
    ['ip', '203.0.113.7', '203[.]0[.]113[.]7'],
  ])('finds the %s %s as it stands: %s', (type, value, written) => {
    const text = `It was \u200b${written}\u200b, he said.`
    expect(scanner.scan(text)).toEqual([{ type, start: 8, end: 8 + written.length, value }])
  })

  it('tells a secret by its value, however it is written', () => {
    const forms = [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('hex')]
    expect(scanner.scan(forms.join(' ')).map(({ type, value }) => `${type} ${value}`)).toEqual(forms.map(() => `secret ${SECRET}`))
  })

  it('finds a secret that looks like a disguise', () => {
    const odd = 'inv%41nted (at) ｓｅｃｒｅｔ&#64;'
    const matches = createScanner({ types: new Set(['secret'] as const), secrets: [odd] }).scan(`x ${odd} y`)
    expect(matches.map(({ start, value }) => [start, value])).toEqual([[2, odd]])
  })

  it('looks for the types that it was asked for', () => {
    const text = 'ceo@acme.com (415) 555-0132 078-05-1120'
    expect(createScanner({ types: new Set(['phone'] as const) }).scan(text).map(({ type }) => type)).toEqual(['phone'])
    expect(createScanner({ types: new Set() }).scan(text)).toEqual([])
  })

  it('tells nothing that is not private, and nothing within it', () => {
    const choosy = createScanner({ types: new Set(['email', 'phone'] as const), isNotPrivate: ({ value }) => value.endsWith('@acme.com') })
    expect(choosy.scan('415-555-0132@acme.com, jo@example.com').map(({ value }) => value)).toEqual(['jo@example.com'])
  })
})

describe('stream', () => {
  it('decides the same, however the text is cut', () => {
    fc.assert(
      fc.property(mixed, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        expect(inPieces(cutAt(text, cuts))).toEqual(scanner.scan(text))
      }),
      { numRuns: RUNS },
    )
  })

  it('decides the same, character by character', () => {
    fc.assert(
      fc.property(mixed, (text) => {
        expect(inPieces(text.split(''))).toEqual(scanner.scan(text))
      }),
      { numRuns: RUNS },
    )
  })

  it.each(VALUES)('decides the same at every cut of %s', (value) => {
    const text = `Call or write: ${value}, then go on.`
    const whole = scanner.scan(text)
    for (let cut = 0; cut <= text.length; cut++) expect(inPieces([text.slice(0, cut), text.slice(cut)])).toEqual(whole)
  })

  it('lets go of all of it that stands before the last word', () => {
    const stream = scanner.stream()
    const held = ['The river rises', ' quickly, so', ' the bridge ', 'is closed.', '\n', 'Then'].map((piece) => {
      stream.push(piece)
      return stream.held
    })
    expect(held).toEqual(['rises', 'so', 'bridge ', 'closed.', '', 'Then'])
  })

  it.each(ENDLESS)('holds back no more of an endless %j than a value can have', (part) => {
    const stream = scanner.stream()
    for (let sent = 0; sent < 12_000; sent += 40) {
      stream.push(part.repeat(40))
      expect(stream.held.length).toBeLessThan(2_500)
    }
  })

  it('cuts no pair of surrogates', () => {
    const stream = scanner.stream()
    stream.push('ok \ud83d')
    expect(stream.held).toBe('\ud83d')
    expect(stream.push('\ude00 ')).toMatchObject({ settled: 5 })
  })
})
