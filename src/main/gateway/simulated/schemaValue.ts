import type { JsonValue } from '../../../shared/errors.ts'
import { asArray, asObject, asText, type JsonObject } from '../dialects/json.ts'
import type { Dice } from './dice.ts'
import { textForSchema } from './schemaText.ts'
import type { Subject } from './subject.ts'

/** Below it only what must be there is there, so that schemas which hold themselves come to an end. */
const DEEP = 4
const DEEPEST = 24
/** However much a schema asks for. */
const MOST_VALUES = 2_000
const MOST_ITEMS = 100

/** A value that is valid by the schema, filled with the subject's words where a name fits. */
export function valueForSchema(schema: unknown, subject: Subject, dice: Dice): JsonValue {
  const said = subject.excerpt.toLowerCase()
  let values = 0
  return valueOf(schema, '', 0)

  function valueOf(given: unknown, name: string, depth: number): JsonValue {
    if (++values > MOST_VALUES || depth > DEEPEST) return null
    const rules = resolved(given, depth)
    if (rules.const !== undefined) return rules.const as JsonValue
    const [choice, ...choices] = asArray(rules.enum)
    if (choice !== undefined) return ([choice, ...choices].find(isMentioned) ?? dice.pick([choice, ...choices])) as JsonValue
    switch (typeOf(rules)) {
      case 'object':
        return objectOf(rules, depth)
      case 'array':
        return arrayOf(rules, name, depth)
      case 'integer':
        return numberOf(rules, true)
      case 'number':
        return numberOf(rules, false)
      case 'boolean':
        return dice.below(2) === 0
      case 'null':
        return null
      default:
        return textForSchema(rules, name, subject, dice)
    }
  }

  /** Words of the request itself; what is short stands in others by chance. */
  function isMentioned(choice: unknown): boolean {
    return typeof choice === 'string' && choice.length >= 4 && said.includes(choice.toLowerCase())
  }

  /** With references followed, `allOf` merged, and one branch of `anyOf` and `oneOf` taken. */
  function resolved(given: unknown, depth: number): JsonObject {
    let rules = asObject(given) ?? {}
    for (let step = 0; step < DEEPEST; step++) {
      const { $ref, allOf, anyOf, oneOf, ...rest } = rules
      const branches = [...asArray(anyOf), ...asArray(oneOf)]
      if ($ref === undefined && allOf === undefined && branches.length === 0) break
      const parts = [...(typeof $ref === 'string' ? [pointedAt(schema, $ref)] : []), ...asArray(allOf)]
      if (asArray(anyOf).length > 0) parts.push(branchOf(asArray(anyOf), depth))
      if (asArray(oneOf).length > 0) parts.push(branchOf(asArray(oneOf), depth))
      rules = parts.reduce<JsonObject>((merged, part) => merge(merged, asObject(part) ?? {}), rest)
    }
    return rules
  }

  function branchOf(branches: readonly unknown[], depth: number): unknown {
    const isNull = (branch: unknown): boolean => asObject(branch)?.type === 'null'
    const leadsDown = (branch: unknown): boolean => asObject(branch)?.$ref !== undefined
    if (depth >= DEEP) return branches.find(isNull) ?? branches.find((branch) => !leadsDown(branch)) ?? branches[0]
    return branches.find((branch) => !isNull(branch)) ?? branches[0]
  }

  function objectOf(rules: JsonObject, depth: number): JsonValue {
    const properties = asObject(rules.properties) ?? {}
    const required = asArray(rules.required).filter((name): name is string => typeof name === 'string')
    const optional = Object.keys(properties).filter((name) => !required.includes(name))
    // A tool whose arguments are all optional is called with them all; else what is optional stays out.
    const wanted = required.length === 0 && depth === 0 ? optional : []
    const names = new Set([...required, ...wanted])
    const least = Math.min(sizeOf(rules.minProperties) ?? 0, MOST_ITEMS)
    for (const name of optional) if (names.size < least) names.add(name)
    for (let index = 1; names.size < least; index++) names.add(`key${index}`)
    const most = sizeOf(rules.maxProperties) ?? Infinity
    const object: [string, JsonValue][] = []
    for (const name of names) {
      if (object.length >= most || values > MOST_VALUES) break
      object.push([name, valueOf(Object.hasOwn(properties, name) ? properties[name] : rules.additionalProperties, name, depth + 1)])
    }
    return Object.fromEntries(object)
  }

  function arrayOf(rules: JsonObject, name: string, depth: number): JsonValue {
    const first = asArray(rules.prefixItems).slice(0, MOST_ITEMS)
    const isOpen = rules.items !== false
    const least = Math.min(sizeOf(rules.minItems) ?? 0, MOST_ITEMS)
    const usual = depth >= DEEP ? 0 : isOpen ? Math.max(first.length, 1 + dice.below(2)) : first.length
    const length = Math.min(Math.max(least, usual), sizeOf(rules.maxItems) ?? MOST_ITEMS)
    const items: JsonValue[] = []
    const seen = new Set<string>()
    for (let tries = 0; items.length < length && tries < length * 4 && values <= MOST_VALUES; tries++) {
      const item = valueOf(first[items.length] ?? rules.items, singular(name), depth + 1)
      const distinct = rules.uniqueItems === true ? varied(item, tries, rules.items, seen) : item
      if (distinct === undefined) continue
      items.push(distinct)
    }
    return items
  }

  /** The item, or one like it that has not been there; undefined where there is none. */
  function varied(item: JsonValue, tries: number, itemRules: unknown, seen: Set<string>): JsonValue | undefined {
    const rules = resolved(itemRules, DEEP)
    const isBound = ['enum', 'const', 'pattern', 'format', 'maximum', 'exclusiveMaximum', 'maxLength', 'multipleOf'].some(
      (key) => rules[key] !== undefined,
    )
    const fromList = asArray(rules.enum)[tries] as JsonValue | undefined
    for (const candidate of [item, fromList, isBound ? undefined : numbered(item, tries)]) {
      if (candidate === undefined || seen.has(JSON.stringify(candidate))) continue
      seen.add(JSON.stringify(candidate))
      return candidate
    }
    return undefined
  }

  function numberOf(rules: JsonObject, isWhole: boolean): number {
    const step = typeof rules.multipleOf === 'number' && rules.multipleOf > 0 ? rules.multipleOf : isWhole ? 1 : 0.5
    const low = lowest(rules, step)
    const high = highest(rules, step)
    const from = low ?? (high === null ? step : Math.min(step, high - 9 * step))
    const to = high ?? from + 9 * step
    const first = Math.ceil(from / step)
    const last = Math.floor(to / step)
    // No multiple of the usual step in between: the middle is as good.
    if (last < first) return isWhole ? Math.ceil(from) : (from + to) / 2
    const value = (first + dice.below(Math.min(last - first, 99) + 1)) * step
    return isWhole ? Math.round(value) : Number(value.toPrecision(12))
  }
}

function lowest(rules: JsonObject, step: number): number | null {
  const { minimum, exclusiveMinimum: above } = rules
  if (typeof above === 'number') return Math.max(typeof minimum === 'number' ? minimum : -Infinity, nextBeyond(above, step, 1))
  if (typeof minimum !== 'number') return null
  return above === true ? nextBeyond(minimum, step, 1) : minimum
}

function highest(rules: JsonObject, step: number): number | null {
  const { maximum, exclusiveMaximum: below } = rules
  if (typeof below === 'number') return Math.min(typeof maximum === 'number' ? maximum : Infinity, nextBeyond(below, step, -1))
  if (typeof maximum !== 'number') return null
  return below === true ? nextBeyond(maximum, step, -1) : maximum
}

/** The multiple of the step that comes next after the bound, in this direction. */
function nextBeyond(bound: number, step: number, direction: 1 | -1): number {
  return direction > 0 ? (Math.floor(bound / step) + 1) * step : (Math.ceil(bound / step) - 1) * step
}

function typeOf(rules: JsonObject): string {
  const types = Array.isArray(rules.type) ? rules.type : [rules.type]
  const type = asText(types.find((candidate) => candidate !== 'null') ?? types[0])
  if (type !== null) return type
  if (rules.properties !== undefined || rules.required !== undefined || rules.additionalProperties !== undefined) return 'object'
  if (rules.items !== undefined || rules.prefixItems !== undefined) return 'array'
  return rules.minimum !== undefined || rules.maximum !== undefined || rules.multipleOf !== undefined ? 'number' : 'string'
}

/** Both hold: lists of what is required come together, bounds are those of the later. */
function merge(one: JsonObject, other: JsonObject): JsonObject {
  const properties = { ...asObject(one.properties), ...asObject(other.properties) }
  const required = [...asArray(one.required), ...asArray(other.required)]
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  }
}

/** `#/$defs/Lead` within the whole schema. */
function pointedAt(schema: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined
  const steps = reference.slice(1).split('/').slice(1)
  return steps.reduce<unknown>((place, step) => {
    const key = decoded(step).replace(/~1/g, '/').replace(/~0/g, '~')
    const inside = Array.isArray(place) ? { ...place } : asObject(place)
    return inside && Object.hasOwn(inside, key) ? (inside as JsonObject)[key] : undefined
  }, schema)
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

const sizeOf = (value: unknown): number | null => (typeof value === 'number' && value >= 0 ? Math.ceil(value) : null)

const singular = (name: string): string => (/[^s]s$/.test(name) ? name.slice(0, -1) : name)

function numbered(item: JsonValue, index: number): JsonValue | undefined {
  if (typeof item === 'string') return `${item} ${index + 1}`
  return typeof item === 'number' ? item + index : undefined
}
