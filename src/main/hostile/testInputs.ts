import fc from 'fast-check'
import { z } from 'zod'
import type { JsonValue } from '../../shared/errors.ts'

/** Inputs made from a schema of the contract: what fits, what nearly fits, and what nobody honest sends. For specs only. */

type JsonSchema = Record<string, unknown>

export interface InputOptions {
  /** Values for members of this name, so that an input reaches further than the look-up of an id. */
  readonly known: Readonly<Record<string, readonly JsonValue[]>>
}

export function inputsOf(schema: z.ZodType, { known }: InputOptions): fc.Arbitrary<JsonValue> {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const fitting = fittingTo(document, known)
  return fc.oneof(
    { arbitrary: fitting, weight: 3 },
    { arbitrary: spoiled(fitting), weight: 4 },
    { arbitrary: HOSTILE, weight: 1 },
  )
}

/** What fits, but for one member. */
export function spoiled(fitting: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.tuple(fitting, fc.infiniteStream(fc.nat()), HOSTILE).map(([value, dice, hostile]) => withOneWrong(value, dice, hostile))
}

/** An input with a text of this length in the first place that takes one; null where none does. */
export function longInputOf(schema: z.ZodType, length: number, { known }: InputOptions): JsonValue | null {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const properties = Object.entries((document['properties'] ?? {}) as Record<string, JsonSchema>)
  const text = properties.find(([, property]) => property['type'] === 'string') ?? properties.find(([, property]) => property['$ref'] !== undefined)
  if (!text) return null
  const [sample] = fc.sample(fittingTo(document, known), { numRuns: 1, seed: 1 })
  return { ...(sample as Record<string, JsonValue>), [text[0]]: 'x'.repeat(length) }
}

const SURROGATES = ['\ud800', '\udfff', 'a\ud800b', '\udc00\ud800']
const TEXTS = [
  '', ' ', '\0', 'a\0b', '\ufeff', '\u202e', '\r\n', '\x1b[2J', '../../../../etc/passwd', '/', '.', '~', 'C:\\', '\\\\host\\share', 'file:///etc/passwd', "' OR 1=1 --", '"; DROP TABLE agents; --',
  '%00', '%s%n', '${jndi:x}', '{{7*7}}', '<script>', '__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '-1', '1e400', '0x10', '٣', 'İ', 'ﬀ', '💥'.repeat(50), 'x'.repeat(20_000), ...SURROGATES,
]
const NUMBERS = [0, -0, -1, 0.1, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 2 ** 63, 1e21, 1e308, -1e308, 5e-324]

function nested(depth: number): JsonValue {
  let value: JsonValue = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** As JSON.parse makes them: a member of its own, and no prototype. */
const POISONED = ['{"__proto__":{"role":"admin"}}', '{"constructor":{"prototype":{"role":"admin"}}}', '{"toString":1,"hasOwnProperty":1,"length":-1}', '{"then":1,"toJSON":1}'].map((text) => JSON.parse(text) as JsonValue)

const HOSTILE: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, false, [], {}, [[]], [null]),
  fc.constantFrom(...TEXTS),
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(...POISONED),
  fc.constantFrom(50, 95, 150, 1_000).map(nested),
  fc.constant(null).map(() => Array.from({ length: 5_000 }, (_, index) => index)),
  fc.constant(null).map(() => Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`key${index}`, index]))),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** One member, at whatever depth, is another than it should be, gone, or new. */
function withOneWrong(value: JsonValue, dice: Iterator<number>, hostile: JsonValue): JsonValue {
  const roll = (sides: number): number => (dice.next().value as number) % sides
  if (typeof value !== 'object' || value === null) return hostile
  const copy = Array.isArray(value) ? [...value] : { ...value }
  const keys = Object.keys(copy)
  const what = roll(4)
  if (keys.length === 0 || what === 0) {
    if (Array.isArray(copy)) copy.push(hostile)
    else define(copy, ['surplus', '__proto__', 'constructor', 'agentId', 'role', 'caller'][roll(6)]!, hostile)
    return copy
  }
  const key = keys[roll(keys.length)]!
  const inner = (copy as Record<string, JsonValue>)[key]!
  if (what === 1) delete (copy as Record<string, JsonValue>)[key]
  else define(copy, key, what === 2 ? hostile : withOneWrong(inner, dice, hostile))
  return copy
}

function define(of: object, key: string, value: JsonValue): void {
  Object.defineProperty(of, key, { value, enumerable: true, configurable: true, writable: true })
}

function fittingTo(schema: JsonSchema, known: InputOptions['known']): fc.Arbitrary<JsonValue> {
  if ('const' in schema) return fc.constant(schema['const'] as JsonValue)
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as JsonValue[]))
  const variants = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined
  if (variants) return fc.oneof(...variants.map((variant) => fittingTo(variant, known)))
  if (schema['type'] === 'string') return textTo(schema)
  if (schema['type'] === 'integer') return integerTo(schema)
  if (schema['type'] === 'number') return fc.double({ min: (schema['minimum'] as number) ?? -1e6, max: (schema['maximum'] as number) ?? 1e6, noNaN: true })
  if (schema['type'] === 'boolean') return fc.boolean()
  if (schema['type'] === 'null') return fc.constant(null)
  if (schema['type'] === 'array') {
    const minLength = (schema['minItems'] as number) ?? 0
    return fc.array(fittingTo((schema['items'] ?? {}) as JsonSchema, known), { minLength, maxLength: Math.max(minLength, Math.min(3, (schema['maxItems'] as number) ?? 3)) })
  }
  if (schema['type'] === 'object') return objectTo(schema, known)
  return fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>
}

function objectTo(schema: JsonSchema, known: InputOptions['known']): fc.Arbitrary<JsonValue> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
  if (properties.length === 0) {
    const values = schema['additionalProperties']
    if (typeof values !== 'object' || values === null) return fc.constant({})
    const names = schema['propertyNames'] ? textTo(schema['propertyNames'] as JsonSchema) : fc.string({ minLength: 1, maxLength: 8 })
    return fc.dictionary(names, fittingTo(values as JsonSchema, known), { maxKeys: 3 })
  }
  const members = properties.map(([name, property]): [string, fc.Arbitrary<JsonValue>] => {
    const values = known[name]
    return [name, values ? fc.constantFrom(...values) : fittingTo(property, known)]
  })
  return fc.record(Object.fromEntries(members), { requiredKeys: (schema['required'] ?? []) as string[] }) as fc.Arbitrary<JsonValue>
}

function integerTo(schema: JsonSchema): fc.Arbitrary<number> {
  const least = (schema['minimum'] as number) ?? (schema['exclusiveMinimum'] !== undefined ? (schema['exclusiveMinimum'] as number) + 1 : -1000)
  const most = (schema['maximum'] as number) ?? (schema['exclusiveMaximum'] !== undefined ? (schema['exclusiveMaximum'] as number) - 1 : Number.MAX_SAFE_INTEGER)
  return fc.oneof(fc.constantFrom(least, most), fc.integer({ min: Math.max(least, -(2 ** 31)), max: Math.min(most, 2 ** 31 - 1) }))
}

function textTo(schema: JsonSchema): fc.Arbitrary<string> {
  const pattern = (schema['pattern'] ?? (schema['allOf'] as JsonSchema[] | undefined)?.find((one) => one['pattern'])?.['pattern']) as string | undefined
  const minLength = (schema['minLength'] as number) ?? 0
  const maxLength = Math.max(minLength, Math.min((schema['maxLength'] as number) ?? 30, 30))
  const free = fc.oneof(fc.string({ minLength, maxLength }), fc.constantFrom(...TEXTS.filter((text) => text.length >= minLength && text.length <= maxLength), 'invented text, long enough to be taken'.slice(0, Math.max(maxLength, 1))))
  if (pattern === undefined) return free
  try {
    return fc.stringMatching(new RegExp(pattern), { size: '-1' })
  } catch {
    // fast-check writes no look-ahead; a word that most patterns take will do.
    return fc.constantFrom('invented', 'invented.txt', 'INVENTED')
  }
}
