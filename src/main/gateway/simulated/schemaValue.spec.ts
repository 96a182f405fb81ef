import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asArray, asObject } from '../dialects/json.ts'
import { createDice } from './dice.ts'
import { textForPattern } from './patternText.ts'
import { valueForSchema } from './schemaValue.ts'
import { subjectOf } from './subject.ts'

const SUBJECT = subjectOf('What is the weather in Paris for the company Alder Works?')

/** A small checker of its own: what is wrong with the value, or null. */
function wrongWith(value: unknown, given: unknown, root: unknown, path = '$'): string | null {
  const schema = asObject(given)
  if (!schema) return null
  const first = (problems: (string | null)[]): string | null => problems.find((problem) => problem !== null) ?? null
  const isType = (type: unknown): boolean =>
    type === 'integer'
      ? Number.isInteger(value)
      : type === 'null'
        ? value === null
        : type === 'array'
          ? Array.isArray(value)
          : type === 'object'
            ? asObject(value) !== null
            : typeof value === type
  const problems: (string | null)[] = []
  const rule = (isKept: boolean, what: string): void => void problems.push(isKept ? null : `${path}: ${what}, got ${JSON.stringify(value)}`)

  if (typeof schema.$ref === 'string') {
    const target = schema.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>((place, key) => asObject(place)?.[key], root)
    problems.push(wrongWith(value, schema.$ref === '#' ? root : target, root, path))
  }
  for (const part of asArray(schema.allOf)) problems.push(wrongWith(value, part, root, path))
  if (schema.anyOf)
    rule(
      asArray(schema.anyOf).some((part) => wrongWith(value, part, root) === null),
      'no branch of anyOf',
    )
  if (schema.oneOf)
    rule(asArray(schema.oneOf).filter((part) => wrongWith(value, part, root) === null).length === 1, 'not one branch of oneOf')
  if (schema.const !== undefined) rule(JSON.stringify(value) === JSON.stringify(schema.const), 'not the constant')
  if (schema.enum)
    rule(
      asArray(schema.enum).some((one) => JSON.stringify(one) === JSON.stringify(value)),
      'not in the enum',
    )
  if (schema.type !== undefined) rule((Array.isArray(schema.type) ? schema.type : [schema.type]).some(isType), `no ${String(schema.type)}`)
  if (typeof value === 'number') {
    if (typeof schema.minimum === 'number') rule(value >= schema.minimum, `below ${schema.minimum}`)
    if (typeof schema.maximum === 'number') rule(value <= schema.maximum, `above ${schema.maximum}`)
    if (typeof schema.exclusiveMinimum === 'number') rule(value > schema.exclusiveMinimum, `not above ${schema.exclusiveMinimum}`)
    if (typeof schema.exclusiveMaximum === 'number') rule(value < schema.exclusiveMaximum, `not below ${schema.exclusiveMaximum}`)
    if (typeof schema.multipleOf === 'number')
      rule(Number.isInteger(Number((value / schema.multipleOf).toPrecision(10))), `no multiple of ${schema.multipleOf}`)
  }
  if (typeof value === 'string') {
    const length = [...value].length
    if (typeof schema.minLength === 'number') rule(length >= schema.minLength, 'too short')
    if (typeof schema.maxLength === 'number') rule(length <= schema.maxLength, 'too long')
    if (typeof schema.pattern === 'string') rule(new RegExp(schema.pattern, 'u').test(value), `does not match ${schema.pattern}`)
  }
  if (Array.isArray(value)) {
    if (typeof schema.minItems === 'number') rule(value.length >= schema.minItems, 'too few')
    if (typeof schema.maxItems === 'number') rule(value.length <= schema.maxItems, 'too many')
    if (schema.uniqueItems === true) rule(new Set(value.map((item) => JSON.stringify(item))).size === value.length, 'not unique')
    const prefix = asArray(schema.prefixItems)
    for (const [index, item] of value.entries()) problems.push(wrongWith(item, prefix[index] ?? schema.items, root, `${path}[${index}]`))
  }
  const object = asObject(value)
  if (object) {
    const properties = asObject(schema.properties) ?? {}
    for (const name of asArray(schema.required)) rule(Object.hasOwn(object, String(name)), `${String(name)} is missing`)
    for (const [name, inner] of Object.entries(object)) {
      if (Object.hasOwn(properties, name)) problems.push(wrongWith(inner, properties[name], root, `${path}.${name}`))
      else if (schema.additionalProperties === false) rule(false, `${name} is not allowed`)
      else problems.push(wrongWith(inner, schema.additionalProperties, root, `${path}.${name}`))
    }
    if (typeof schema.minProperties === 'number') rule(Object.keys(object).length >= schema.minProperties, 'too few members')
  }
  return first(problems)
}

const NAMES = ['city', 'name', 'query', 'score', 'tags', 'contact_email', '__proto__', 'constructor', 'x']
const PATTERNS = [
  '^[A-Z]{2}-\\d{4}$',
  '^(alpha|beta)_[a-z]+$',
  '^\\w+@example\\.com$',
  '^#[0-9a-fA-F]{6}$',
  '[^abc]',
  '[^\\w]',
  '^a.c?d*e+$',
  '^(?:x[0-9]){2,3}$',
  '^$',
]

const range = (low: number, high: number) =>
  fc.tuple(fc.option(fc.integer({ min: low, max: high }), { nil: undefined }), fc.option(fc.nat(20), { nil: undefined }))

const { schema: anySchema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { type: 'string' }, { type: 'integer' }, {}, { type: ['string', 'null'] }),
    fc.constantFrom(...PATTERNS).map((pattern) => ({ type: 'string', pattern })),
    fc.uniqueArray(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    range(-1_000, 1_000).map(([minimum, span]) => ({
      type: 'integer',
      minimum,
      maximum: span === undefined ? undefined : (minimum ?? 0) + span,
    })),
    range(-50, 50).map(([minimum, span]) => ({
      type: 'number',
      exclusiveMinimum: minimum,
      maximum: span === undefined ? undefined : (minimum ?? 0) + span + 1,
    })),
    fc.record({ type: fc.constant('integer'), multipleOf: fc.integer({ min: 1, max: 9 }), minimum: fc.integer({ min: -100, max: 100 }) }),
    fc.tuple(fc.nat(40), fc.nat(40)).map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
    fc
      .tuple(tie('schema'), fc.nat(3), fc.nat(3))
      .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
    fc.constantFrom({ type: 'string' }, { type: 'integer' }).map((items) => ({ type: 'array', items, minItems: 3, uniqueItems: true })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc
      .array(tie('schema'), { minLength: 1, maxLength: 3 })
      .map((prefixItems) => ({ type: 'array', prefixItems, items: false, minItems: prefixItems.length })),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), tie('schema')), { selector: ([name]) => name, maxLength: 5 }),
        fc.nat(5),
        fc.boolean(),
      )
      .map(([entries, required, isClosed]) => ({
        type: 'object',
        properties: Object.fromEntries(entries),
        required: entries.slice(0, required).map(([name]) => name),
        ...(isClosed && { additionalProperties: false }),
      })),
  ),
}))

const TREE = {
  type: 'object',
  properties: { root: { $ref: '#/$defs/node' } },
  required: ['root'],
  $defs: {
    node: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
        next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
      },
      required: ['name', 'children', 'next'],
      additionalProperties: false,
    },
  },
}

describe('values made by a schema', () => {
  it('are valid by it, whatever it is', () => {
    fc.assert(
      fc.property(anySchema, fc.nat(1_000), (schema, seed) => {
        const value = valueForSchema(schema, SUBJECT, createDice(seed))
        expect(wrongWith(JSON.parse(JSON.stringify(value)), schema, schema)).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a schema that holds itself', TREE],
    [
      'allOf with bounds from both',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
          { properties: { b: { const: 7 } }, required: ['b'] },
        ],
      },
    ],
    ['exclusive branches', { oneOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['members by number', { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 3 }],
    ['unique items of an enum', { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 3, uniqueItems: true }],
    ['steps of a tenth', { type: 'number', multipleOf: 0.1, minimum: 0.25, maximum: 0.45 }],
    ['only negative numbers', { type: 'integer', maximum: -5 }],
    ['an integer within unusual bounds', { type: 'integer', exclusiveMinimum: 3.2, exclusiveMaximum: 5 }],
    ['an escaped reference', { $defs: { 'a/b': { const: 1 } }, $ref: '#/$defs/a~1b' }],
  ])('are valid for %s', (what, schema) => {
    const value = valueForSchema(schema, SUBJECT, createDice(1))
    // The checker reads plain references only.
    expect(what === 'an escaped reference' ? (value === 1 ? null : value) : wrongWith(value, schema, schema)).toBeNull()
  })

  it.each([
    ['items without end', { type: 'array', items: { type: 'array', minItems: 1e9 }, minItems: 1e9 }],
    ['a text without end', { type: 'string', minLength: 1e12 }],
    ['members without end', { type: 'object', minProperties: 1e9 }],
    ['a reference to itself', { $ref: '#' }],
    ['references in a circle', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
    ['objects that require themselves', { type: 'object', properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] }],
    ['no schema', 'nonsense'],
    ['nonsense inside', { type: 7, properties: [], required: 'a', enum: {}, minimum: 'x', items: null }],
  ])('come to an end for %s', (_what, schema) => {
    expect(JSON.stringify(valueForSchema(schema, SUBJECT, createDice(1))).length).toBeLessThan(500_000)
  })

  it('take the words of the request where a name fits', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' }, company: { type: 'string' } }, required: ['city', 'company'] }
    expect(valueForSchema(schema, SUBJECT, createDice(1))).toEqual({ city: 'Paris', company: 'Alder Works' })
  })

  it('are those of a list that the request mentions', () => {
    const schema = { enum: ['oak', 'pine shelf', 'oak table', 7] }
    const values = Array.from({ length: 20 }, (_, seed) => valueForSchema(schema, subjectOf('Is there an Oak table?'), createDice(seed)))
    expect(new Set(values)).toEqual(new Set(['oak table']))
    const others = Array.from({ length: 40 }, (_, seed) => valueForSchema(schema, SUBJECT, createDice(seed)))
    expect(new Set(others).size).toBe(4)
  })

  it('are the same for the same seed', () => {
    const make = (seed: number) => valueForSchema(TREE, SUBJECT, createDice(seed))
    expect(make(4)).toEqual(make(4))
  })
})

describe('texts for patterns', () => {
  it.each(PATTERNS)('match %s', (pattern) => {
    for (let seed = 0; seed < 50; seed++) expect(textForPattern(pattern, createDice(seed))).toMatch(new RegExp(pattern, 'u'))
  })

  it.each(['(?=a)b', '(a)\\1', '(((((a{99}){99}){99}){99}){99})', '((((^){99}){99}){99}){99}', '[', '(', '*', 'a{2', '[^\\s\\S]', '\\'])(
    'are refused for %s',
    (pattern) => {
      expect(textForPattern(pattern, createDice(1))).toBeNull()
    },
  )
})
