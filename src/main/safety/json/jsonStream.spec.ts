import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrivateType } from '../../../shared/domain/safetyRules.ts'
import { createScanner } from '../scan/createScanner.ts'
import type { JsonSighting } from './jsonSighting.ts'
import { createJsonStream, type JsonStreamOptions } from './jsonStream.ts'
import type { Edit } from '../desk/safetyDesk.ts'
import type { Decided, Match, Scanner, StreamScanner } from '../scan/scanner.ts'

/** Finds every word with `ceo@acme.com` in it, and `4155550132`: words end at white space, quotes, commas and brackets. */
const scanner: Scanner = {
  scan: (text) => wordsIn(text, 0),
  stream() {
    let held = ''
    let base = 0
    function decide(upTo: number): Decided {
      const matches = wordsIn(held.slice(0, upTo), base)
      base += upTo
      held = held.slice(upTo)
      return { settled: base, matches }
    }
    return {
      push(text) {
        held += text
        return decide(held.search(/[^\s"',{}[\]<>]*$/))
      },
      end: () => decide(held.length),
      get held() {
        return held
      },
    }
  },
}

function wordsIn(text: string, base: number): Match[] {
  return [...text.matchAll(/[^\s"',{}[\]<>]*(?:ceo@acme\.com|4155550132)[^\s"',{}[\]<>]*/g)].map(({ 0: value, index }) => ({
    type: 'email',
    start: base + index,
    end: base + index + value.length,
    value,
  }))
}

interface Looked {
  readonly text: string
  readonly edits: readonly Edit[]
  readonly sightings: readonly JsonSighting[]
}

/** In pieces that are cut at these places. Checks on the way that nothing that is settled is edited later. */
function look(json: string, cuts: readonly number[] = [], options: JsonStreamOptions = {}, by: Scanner = scanner): Looked {
  const stream = createJsonStream(by, options)
  const sightings: JsonSighting[] = []
  const edits: Edit[] = []
  let settled = 0
  const places = [0, ...cuts, json.length]
  const take = (part: { settled: number; sightings: readonly JsonSighting[] }): void => {
    expect(part.settled).toBeGreaterThanOrEqual(settled)
    for (const sighting of part.sightings) {
      sightings.push(sighting)
      for (const { start, end, value } of sighting.matches) {
        if (by === scanner) expect(sighting.text.slice(start - sighting.base, end - sighting.base)).toBe(value)
        const edit = sighting.toRaw({ start, end, replacement: '[EMAIL_REDACTED]' })
        expect(edit.start).toBeGreaterThanOrEqual(settled)
        expect(edit.end).toBeLessThanOrEqual(part.settled)
        edits.push(edit)
      }
    }
    settled = part.settled
  }
  for (let i = 1; i < places.length; i++) take(stream.push(json.slice(places[i - 1], places[i])))
  take(stream.end())
  expect(settled).toBe(json.length)
  let text = ''
  let at = 0
  for (const { start, end, replacement } of edits) {
    text += json.slice(at, start) + replacement
    at = end
  }
  return { text: text + json.slice(at), edits, sightings }
}

const pathsOf = ({ sightings }: Looked): string[] => sightings.map(({ path }) => path)

describe('a JSON text', () => {
  it.each([
    ['a value', '{"to":"ceo@acme.com"}', '{"to":"[EMAIL_REDACTED]"}', 'to'],
    ['a line', String.raw`{"a":["x\nceo@acme.com\ty"]}`, String.raw`{"a":["x\n[EMAIL_REDACTED]\ty"]}`, 'a[0]'],
    ['an escaped character', String.raw`{"a":{"b":"ceo\u0040acme.com"}}`, '{"a":{"b":"[EMAIL_REDACTED]"}}', 'a.b'],
    ['escaped throughout', `[1,"${escapedThroughout('ceo@acme.com')}"]`, '[1,"[EMAIL_REDACTED]"]', '[1]'],
    ['after a pair of surrogates', String.raw`["\ud83d\ude00 ceo@acme.com 😀"]`, String.raw`["\ud83d\ude00 [EMAIL_REDACTED] 😀"]`, '[0]'],
    ['beside quotes', String.raw`["\"ceo@acme.com\" \\"]`, String.raw`["\"[EMAIL_REDACTED]\" \\"]`, '[0]'],
    ['a number that is a string', '{"n":"4155550132","m":4155550132}', '{"n":"[EMAIL_REDACTED]","m":4155550132}', 'n'],
    ['a string alone', '"ceo@acme.com"', '"[EMAIL_REDACTED]"', ''],
    ['what was broken off', String.raw`{"a":"ceo@acme.com and mo`, '{"a":"[EMAIL_REDACTED] and mo', 'a'],
    ['what was broken off in an escape', String.raw`{"a":"ceo\u0040acme.com \u00`, String.raw`{"a":"[EMAIL_REDACTED] \u00`, 'a'],
  ])('has %s taken out, and nothing else', (_what, json, redacted, path) => {
    const looked = look(json)
    expect([looked.text, pathsOf(looked)]).toEqual([redacted, [path]])
  })

  it('has keys looked through, and no path tells of them', () => {
    const looked = look('{"a":{"ceo@acme.com":{"note":"to ceo@acme.com"}}}')
    expect(looked.text).toBe('{"a":{"[EMAIL_REDACTED]":{"note":"to [EMAIL_REDACTED]"}}}')
    expect(pathsOf(looked)).toEqual(['a.*', 'a.*.note'])
    expect(looked.sightings.map(({ isKey }) => isKey)).toEqual([true, false])
  })

  it('in a string is looked through as JSON, in a string in it too', () => {
    const inner = String.raw`{"to":"ceo\u0040acme.com","n":[1.50]}`
    const json = JSON.stringify({ arguments: JSON.stringify({ again: inner, x: 1 }) })
    const looked = look(json)
    expect(pathsOf(looked)).toEqual(['arguments.again.to'])
    const again = (JSON.parse((JSON.parse(looked.text) as { arguments: string }).arguments) as { again: string }).again
    expect(again).toBe('{"to":"[EMAIL_REDACTED]","n":[1.50]}')
  })

  it.each([
    ['prose', '["Write to ceo@acme.com, please"]'],
    ['a link', '["[ceo](mailto:ceo@acme.com)"]'],
    ['words in brackets', '["{hello} ceo@acme.com"]'],
    ['quoted words', String.raw`["\"Hi,\" he said to ceo@acme.com"]`],
    ['two texts in one', String.raw`["{\"a\":1} ceo@acme.com {\"a\":2}"]`],
    ['JSON with a comma too many', String.raw`["{\"a\":1,} ceo@acme.com"]`],
    ['an empty text before', '["",  "   ", "ceo@acme.com"]'],
  ])('has %s looked through that begins like JSON or does not', (_what, json) => {
    expect(look(json).text).toBe(redactedPlainly(json))
  })

  it.each(['ceo@acme.com', 'To: ceo@acme.com', '{to: ceo@acme.com}', '{"a":tru ceo@acme.com', '[1 2 ceo@acme.com]', '{"a":1}{"b":"ceo@acme.com"}', ']ceo@acme.com', '{"a" "ceo@acme.com"}', `${'9'.repeat(500)} ceo@acme.com`])(
    'that is none is plain text: %s',
    (text) => expect(look(text).text).toBe(redactedPlainly(text)),
  )

  it('that turns out to be none is looked at with what stands before, however it is cut', () => {
    const wide: Scanner = { scan: () => [], stream: () => atTheEnd(/\d ceo@acme\.com/) }
    const json = '[1 ceo@acme.com]'
    for (const cuts of [[], [2], [3], everywhere(json)]) expect(look(json, cuts, {}, wide).text).toBe('[1 [EMAIL_REDACTED]]')
  })

  it('of any depth costs no stack', () => {
    const json = `${'[{"a":'.repeat(50_000)}"ceo@acme.com"${'}]'.repeat(50_000)}`
    const looked = look(json)
    expect(looked.text).toBe(redactedPlainly(json))
    expect(pathsOf(looked)[0]!.length).toBeLessThan(60)
  })

  it('is plain text from where it is nested more than 500 levels deep, so that no string takes longer than others', () => {
    const json = `${'{"a":['.repeat(250)}["ceo@acme.com"]${']}'.repeat(250)}`
    const told: string[] = []
    const looked = look(`["ceo@acme.com",${json}]`, [], { onString: ({ path }) => void told.push(path) })
    expect(looked.text).toBe(`["[EMAIL_REDACTED]",${redactedPlainly(json)}]`)
    expect(told.length).toBeLessThan(260)
    expect(look(json, everywhere(json)).edits).toEqual(look(json).edits)
    expect(looked.sightings.map(({ segments }) => segments.length)).toEqual([1, 0])
    expect(pathsOf(look(json, [])).map((path) => path.slice(0, 4))).toEqual([''])
    expect(pathsOf(look(json.slice(5, -1)))[0]).toMatch(/^\[0\]\.a/)
  })

  it('tells its strings, decoded', () => {
    const told: [string, string, boolean][] = []
    const json = JSON.stringify({ a: 'x\ny', arguments: JSON.stringify({ host: ['api.example.com'] }) })
    for (const cuts of [[], everywhere(json)]) {
      look(json, cuts, { onString: ({ path, text, isKey }) => void told.push([path, text, isKey]) })
      expect(told.splice(0)).toEqual([
        ['a', 'a', true],
        ['a', 'x\ny', false],
        ['arguments', 'arguments', true],
        ['arguments.host', 'host', true],
        ['arguments.host[0]', 'api.example.com', false],
      ])
    }
  })

  it('has a path within another', () => {
    expect(pathsOf(look('{"to":"ceo@acme.com"}', [], { within: ['calls', 0, 'arguments'] }))).toEqual(['calls[0].arguments.to'])
  })

  it.each(['{"ssn":"219099998"}', '{"ssn":["219099998",1]}', '{"ssn":" 219099998 "}'])('has a number looked at by its name, however it is cut: %s', (json) => {
    const real = createScanner({ types: new Set(PrivateType.options) })
    const whole = look(json, [], {}, real)
    expect(whole.text).toBe(json.replace('219099998', '[EMAIL_REDACTED]'))
    for (const cut of everywhere(json)) expect(look(json, [cut], {}, real).edits).toEqual(whole.edits)
    expect(look(json, everywhere(json), {}, real).edits).toEqual(whole.edits)
    expect(look(json.replace('ssn', 'lot'), [], {}, real).edits).toEqual([])
  })

  it.each(['{"password":"hunter2horse9"}', '{"user":{"api_key":"q8ZtR2mVx0LkP4sWb7Nc"}}', '{"auth":{"refreshToken":"q8ZtR2mVx0LkP4sWb7Nc"},"n":1}'])(
    'has what is known by its name alone looked at behind it, however it is cut: %s',
    (json) => {
      const real = createScanner({ types: new Set(PrivateType.options) })
      const whole = look(json, [], {}, real)
      expect(whole.text).toContain('[EMAIL_REDACTED]')
      expect(whole.text).not.toMatch(/hunter2|q8ZtR/)
      for (const cut of everywhere(json)) expect(look(json, [cut], {}, real).edits).toEqual(whole.edits)
      expect(look(json, everywhere(json), {}, real).edits).toEqual(whole.edits)
      expect(look(json.replace(/password|api_key|refreshToken/, 'note'), [], {}, real).edits).toEqual([])
    },
  )

  it('leaves ten digits alone whose name denies that they are a phone number, however they are cut', () => {
    const real = createScanner({ types: new Set(PrivateType.options), secrets: ['2125550147'] })
    for (const name of ['order_id', 'messageId', 'timestamp', 'sku']) {
      const json = `{"${name}":"4155550132"}`
      expect(look(json, [], {}, real).edits, name).toEqual([])
      for (const cut of everywhere(json)) expect(look(json, [cut], {}, real).edits).toEqual([])
    }
    for (const json of ['{"to":"4155550132"}', '{"phone":"4155550132"}', '["4155550132"]', '{"order_id":"2125550147"}']) {
      expect(look(json, [], {}, real).edits, json).toHaveLength(1)
    }
  })

  it('goes on while a long string comes', () => {
    const stream = createJsonStream(scanner)
    const head = '{"content":"'
    expect(stream.push(head).settled).toBe(head.length)
    const { settled } = stream.push(String.raw`one two\nthree ceo@ac`)
    expect(settled).toBe(head.length + String.raw`one two\nthree `.length)
  })
})

const words = fc.array(
  fc.constantFrom('ceo@acme.com', 'Hello', ' ', '\n', '"', '\\', 'ü', '😀', '4155550132', '{', '[', ',', '\u0000', '{"a":"ceo@acme.com"}'),
  { maxLength: 6 },
)
const text = words.map((parts) => parts.join(''))
/** Two private names would become one. */
const name = fc.constantFrom('a', 'b\n', 'to ceo@acme.com')
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, 4155550132),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    tie('value').map((inner) => JSON.stringify(inner)),
    tie('value').map((inner) => `${JSON.stringify(inner)} and more`),
  ),
})).value

describe('any JSON text', () => {
  it('gives the same edits however it is cut', () => {
    fc.assert(
      fc.property(value, fc.boolean(), fc.infiniteStream(fc.nat(7)), (one, isEscaped, steps) => {
        const json = isEscaped ? escapedInside(JSON.stringify(one, null, 1)) : JSON.stringify(one)
        const whole = look(json)
        expect(look(json, everywhere(json)).edits).toEqual(whole.edits)
        const cuts: number[] = []
        for (let at = 0; at < json.length; at += 1 + steps.next().value!) cuts.push(at)
        expect(look(json, cuts).edits).toEqual(whole.edits)
      }),
      { numRuns: 300 },
    )
  })

  it('is the same text but for its strings, and the very same where nothing is found', () => {
    fc.assert(
      fc.property(value, (one) => {
        const json = JSON.stringify(one)
        const { text: redacted, edits } = look(json)
        if (edits.length === 0) expect(redacted).toBe(json)
        expect(shapeOf(JSON.parse(redacted))).toEqual(shapeOf(JSON.parse(json)))
        expect(redacted).not.toContain('ceo@acme.com')
      }),
      { numRuns: 300 },
    )
  })

  it('that is none gives the same edits however it is cut', () => {
    const parts = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'u', '1', 'true', ' ', 'ceo@acme.com', '"a":', '\\u0040', '\\"', 'ceo')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), (some) => {
        const strange = some.join('')
        expect(look(strange, everywhere(strange)).edits).toEqual(look(strange).edits)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Decides on nothing before all is there. */
function atTheEnd(pattern: RegExp): StreamScanner {
  let held = ''
  return {
    push(text) {
      held += text
      return { settled: 0, matches: [] }
    },
    end() {
      const found = pattern.exec(held)
      const matches: Match[] = found ? [{ type: 'email', start: found.index, end: found.index + found[0].length, value: found[0] }] : []
      return { settled: held.length, matches }
    },
    get held() {
      return held
    },
  }
}

function everywhere(json: string): number[] {
  return Array.from({ length: Math.max(0, json.length - 1) }, (_, index) => index + 1)
}

function redactedPlainly(plain: string): string {
  return plain.replace(/[^\s"',{}[\]<>]*ceo@acme\.com[^\s"',{}[\]<>]*/g, '[EMAIL_REDACTED]')
}

function escapedThroughout(plain: string): string {
  return [...plain].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}

/** Every `@` written as an escape. */
function escapedInside(json: string): string {
  return json.replaceAll('@', '\\u0040')
}

/** What of a text is no string, and how many strings there are. */
function shapeOf(json: unknown): unknown {
  if (typeof json === 'string') return 'text'
  if (Array.isArray(json)) return json.map(shapeOf)
  if (typeof json !== 'object' || json === null) return json
  return Object.values(json).map(shapeOf)
}
