import type { JsonValue } from '../../shared/errors.ts'

/** A deep copy that nobody can change, equal to what writing the value down as JSON and reading it back gives. */
export function frozenCopy<T>(value: T): T {
  return copy(value, 0) as T
}

/** Deeper than what the doors let in, and what stands around it: a circle. */
const DEEPEST = 128

function copy(value: unknown, depth: number): JsonValue {
  if (depth > DEEPEST) throw new TypeError('expected a JSON value, found a circle or more than 128 levels')
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'object':
      if (value === null) return null
      // A Date, say: JSON asks it first.
      if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON(), depth + 1)
      return Array.isArray(value) ? copyArray(value, depth) : copyObject(value, depth)
    default:
      throw new TypeError(`expected a JSON value, found a ${typeof value}`)
  }
}

function copyArray(values: readonly unknown[], depth: number): JsonValue {
  return Object.freeze(values.map((value) => (value === undefined ? null : copy(value, depth + 1)))) as JsonValue[]
}

function copyObject(value: object, depth: number): JsonValue {
  const copied: Record<string, JsonValue> = {}
  // Pairs of names and members would be most of the garbage that a call leaves.
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined) continue
    // Assigning this one name would set the prototype instead.
    if (key === '__proto__') Object.defineProperty(copied, key, { value: copy(member, depth + 1), enumerable: true })
    else copied[key] = copy(member, depth + 1)
  }
  return Object.freeze(copied)
}
