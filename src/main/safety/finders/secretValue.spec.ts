import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chosenMatches, firstStreamingFault, streamingFault } from './testStreaming.ts'
import { createSecretFinder } from './secretValue.ts'
import { SHORTEST_SECRET } from './writtenForms.ts'

const SECRET = ['invented', 'S3cret', 'value'].join('/') + '+x=ü'
const PLAIN = 'another-invented-secret'
const PEM = ['-----BEGIN INVENTED KEY-----', 'QUJD'.repeat(16), 'REVG'.repeat(16), 'R0hJ'.repeat(9), '-----END INVENTED KEY-----', ''].join('\n')

const finder = createSecretFinder([SECRET, PLAIN, PEM])

function valuesIn(text: string): readonly string[] {
  return chosenMatches(finder, text).map(({ value }) => value)
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
function hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex')
}
function percentEveryByte(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

const WRITTEN: Readonly<Record<string, string>> = {
  'as it stands': SECRET,
  'base64': base64(SECRET),
  'base64 without padding': base64(SECRET).replace(/=+$/, ''),
  'base64, URL-safe': Buffer.from(SECRET, 'utf8').toString('base64url'),
  'hex': hex(SECRET),
  'hex in capitals': hex(SECRET).toUpperCase(),
  'percent-encoded': encodeURIComponent(SECRET),
  'percent-encoded in small letters': encodeURIComponent(SECRET).replace(/%../g, (escape) => escape.toLowerCase()),
  'percent-encoded in part': encodeURI(SECRET),
  'percent-encoded to the last byte': percentEveryByte(SECRET),
  'escaped in JSON': JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/').replaceAll('ü', '\\u00fc'),
  'escaped in JSON in JSON': JSON.stringify(JSON.stringify(SECRET).replaceAll('ü', '\\u00fc')).slice(3, -3),
}

describe('an injected secret', () => {
  it.each(Object.entries(WRITTEN))('is found %s', (_name, text) => {
    expect(valuesIn(text)).toEqual([SECRET])
    expect(valuesIn(`before ${text}, after`)).toEqual([SECRET])
    expect(valuesIn(`x${text}y`.replace(/^x(?=[0-9a-f]+y$)/i, 'z'))).toEqual([SECRET])
    const [match] = chosenMatches(finder, `before ${text} after`)
    expect(`before ${text} after`.slice(match?.start, match?.end)).toBe(text)
  })

  it.each(Object.entries(WRITTEN))('is found %s, cut anywhere', (_name, text) => {
    expect(firstStreamingFault(finder, `before ${text}, after ${PLAIN}`)).toBeNull()
  })

  it.each(Object.entries(WRITTEN))('is held back %s, from its first character to its last', (_name, text) => {
    for (let size = 1; size < text.replace(/=+$/, '').length; size++) expect(finder.openFrom(`see: ${text.slice(0, size)}`), text.slice(0, size)).toBeLessThanOrEqual(5)
  })

  it('is found in the middle of something longer in base64, wherever it begins', () => {
    for (const lead of ['', 'a', 'ab', 'abc', 'abcd']) {
      for (const rest of ['', 'z', 'zy', 'zyx']) {
        const whole = `{"user":"${lead}","password":"${SECRET}${rest}"}`
        for (const text of [base64(whole), Buffer.from(whole).toString('base64url'), base64(lead + SECRET + rest)]) {
          const matches = chosenMatches(finder, text)
          expect(matches.map(({ value }) => value), text).toEqual([SECRET])
          const left = matches.reduce((rest, { start, end }) => rest.slice(0, start) + '!' + rest.slice(end), text)
          // What its neighbours' characters share with it are bits, no characters.
          for (const piece of left.split('!')) expect(Buffer.from(piece, 'base64').toString('latin1')).not.toContain('S3cret')
        }
      }
    }
  })

  it('is found as often as it stands there', () => {
    expect(valuesIn(`${SECRET} ${PLAIN} ${base64(PLAIN)} ${SECRET}`)).toEqual([SECRET, PLAIN, PLAIN, SECRET])
  })

  it('is not found where only a part of it stands, or another', () => {
    expect(valuesIn(SECRET.slice(0, -1))).toEqual([])
    expect(valuesIn(SECRET.slice(1))).toEqual([])
    expect(valuesIn(SECRET.toUpperCase())).toEqual([])
    expect(valuesIn('an ordinary sentence about secrets, 100% \\ of it')).toEqual([])
  })

  it('is let go as soon as it cannot be one any more', () => {
    for (const text of ['see invx', 'see anothes', 'done.', '50% of', 'a \\n b']) expect(finder.openFrom(text), text).toBe(text.length)
    expect(finder.openFrom('see inv')).toBe(4)
    expect(finder.openFrom('see inv%')).toBe(4)
  })
})

describe('secrets of several lines', () => {
  it('are found with any line end, indented too, with or without the last one', () => {
    const unix = PEM.trim()
    for (const text of [PEM, unix, unix.replaceAll('\n', '\r\n'), unix.replaceAll('\n', '\\n'), unix.replaceAll('\n', '\\r\\n'), base64(unix), base64(PEM), encodeURIComponent(unix)]) {
      expect(valuesIn(`key: "${text}"`)).toEqual([PEM])
      expect(streamingFault(finder, `key: "${text}"`, 80)).toBeNull()
    }
    const indented = chosenMatches(finder, unix.replaceAll('\n', '\n  '))
    expect(indented.map(({ value }) => value)).toEqual([PEM, PEM, PEM])
  })

  it('do not make ordinary lines secret', () => {
    const document = createSecretFinder([['{', '  "type": "service_account",', '  "auth_uri": "https://accounts.example.com/o/oauth2/auth",', '  "x": 1', '}'].join('\n')])
    expect(chosenMatches(document, '  "auth_uri": "https://accounts.example.com/o/oauth2/auth",')).toEqual([])
  })
})

describe('many secrets', () => {
  it('that contain one another: the longest counts', () => {
    const nested = createSecretFinder(['invented1', 'invented1-and-more', 'and-more-and-yet-more'])
    const told = (text: string): readonly string[] => chosenMatches(nested, text).map(({ start, end }) => text.slice(start, end))
    expect(told('x invented1 y')).toEqual(['invented1'])
    expect(told('x invented1-and-more y')).toEqual(['invented1-and-more'])
    expect(told('x invented1-and-more-and-yet-more y')).toEqual(['invented1-and-more-and-yet-more'])
    expect(nested.openFrom('x invented1')).toBe(2)
    expect(nested.openFrom('x invented1-and-more')).toBe(2)
    for (const text of ['x invented1 y', 'x invented1-and-more y', 'invented1-and-more-and-yet-more', 'invented1-and-invented1-and-more-and']) {
      expect(firstStreamingFault(nested, text)).toBeNull()
    }
  })

  it('a thousand of them are all found', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => `invented-${String(index)}-${hex(String(index * 7_919))}`)
    const many = createSecretFinder(values)
    const text = values.flatMap((value) => [value, base64(value)]).join(' ')
    expect(chosenMatches(many, text).map(({ value }) => value)).toEqual(values.flatMap((value) => [value, value]))
  })

  it('that are too short for a secret are not looked for', () => {
    const short = createSecretFinder(['', 'staging', '4711', 'a'])
    expect(chosenMatches(short, 'staging 4711 a')).toEqual([])
    expect(short.openFrom('staging')).toBe(7)
  })
})

describe('any text', () => {
  it('is answered the same in two pieces as in one', () => {
    const values = ['abababab', 'babababab', 'abcdefgh%41', 'aaaaaaaaab', 'with "quotes" and \\ and\nlines', 'ünïcödé😀😀']
    const strange = createSecretFinder(values)
    const pieces = fc.constantFrom(
      ...values,
      ...values.map(base64),
      ...values.map(hex),
      ...values.map(encodeURIComponent),
      ...values.map((value) => JSON.stringify(value)),
      ...values.map((value) => JSON.stringify(JSON.stringify(value))),
      ...['a', 'b', 'ab', '%', '%6', '%61', '%C3', '%25', '\\', '\\u', '\\u00', '\\u0061', '\\n', '\\\\', ' ', 'Y', 'YW', '=', '😀', '\ud83d'],
    )
    const texts = fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, fc.double({ min: 0, max: 1, noNaN: true }), (text, at) => {
        expect(streamingFault(strange, text, Math.floor(at * text.length))).toBeNull()
      }),
      { numRuns: 4_000 },
    )
  })

  it('hides no secret, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40, unit: 'binary' }), fc.string(), fc.string(), fc.nat(4), (value, before, after, way) => {
        const secret = value.toWellFormed()
        const written = [secret, base64(secret), hex(secret), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)][way] ?? secret
        const text = `${before} ${written} ${after}`
        const matches = chosenMatches(createSecretFinder([secret]), text)
        fc.pre(secret.trim().length >= SHORTEST_SECRET)
        expect(matches.map((match) => match.value)).toContain(secret)
        const left = matches.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text)
        if (way === 0 && !`${before}  ${after}`.includes(secret.trim())) expect(left).not.toContain(secret.trim())
      }),
      { numRuns: 1_500 },
    )
  })
})
