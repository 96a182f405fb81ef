import { AppError, type JsonValue } from '../../../shared/errors.ts'
import type { Redactor } from '../../telemetry/log.ts'

/** Deeper than any honest document. */
const DEEPEST = 512

/** The same value with its strings and names redacted; numbers stay. It is the very same object where nothing was found. */
export function redactJson<T extends JsonValue>(value: T, redact: Redactor): T {
  return redactValue(value, redact, 0) as T
}

function redactValue(value: JsonValue, redact: Redactor, depth: number): JsonValue {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEEPEST) throw new AppError('INVALID_INPUT', `The JSON is nested more than ${DEEPEST} levels deep: save something flatter.`)
  return Array.isArray(value) ? redactArray(value, redact, depth) : redactObject(value, redact, depth)
}

function redactArray(values: JsonValue[], redact: Redactor, depth: number): JsonValue[] {
  let isChanged = false
  const redacted = values.map((value) => {
    const member = redactValue(value, redact, depth + 1)
    isChanged ||= member !== value
    return member
  })
  return isChanged ? redacted : values
}

function redactObject(object: Record<string, JsonValue>, redact: Redactor, depth: number): Record<string, JsonValue> {
  let isChanged = false
  const redacted: Record<string, JsonValue> = {}
  /** How often a name was taken, so that many that become the same marker do not look for a free one from the beginning. */
  const taken = new Map<string, number>()
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue
    if (value === undefined) continue
    const name = redact(key)
    const member = typeof value === 'string' ? redact(value, key) : redactValue(value, redact, depth + 1)
    isChanged ||= name !== key || member !== value
    // A plain assignment of `__proto__` would set the prototype instead.
    Object.defineProperty(redacted, name === key ? name : freeName(name, taken, object, redacted), { value: member, enumerable: true, writable: true, configurable: true })
  }
  return isChanged ? redacted : object
}

/** Two names may become the same marker; neither takes the other's value away. */
function freeName(name: string, taken: Map<string, number>, before: object, after: object): string {
  let count = taken.get(name) ?? 0
  let free: string
  do {
    count++
    free = count === 1 ? name : `${name} ${count}`
  } while (Object.hasOwn(before, free) || Object.hasOwn(after, free))
  taken.set(name, count)
  return free
}
