import type { JsonValue } from '../../shared/errors.ts'
import type { LogEntry, Redactor } from './log.ts'

/** An entry ready for any sink: every string in it has passed the redactor. */
export interface RedactedEntry extends LogEntry {
  readonly at: number
  readonly agentId: string | null
  readonly userId: string | null
  readonly fields: Readonly<Record<string, JsonValue>>
}

const LONGEST_STRING = 16_384
const DEEPEST = 16

/** A redactor that fails closes the gate: the entry's place in the log stays, its words do not. */
export function redactEntry(entry: LogEntry, at: number, redact: Redactor): RedactedEntry {
  try {
    const text: Redactor = (value, name) => shorten(redact(value, name))
    return {
      at,
      level: entry.level,
      event: text(entry.event),
      msg: text(entry.msg),
      agentId: textOrNull(entry.agentId, text),
      userId: textOrNull(entry.userId, text),
      fields: redactFields(entry.fields ?? {}, text),
    }
  } catch {
    const fields = { withheld: true }
    return { at, level: entry.level, event: 'log.withheld', msg: 'This entry could not be redacted and is withheld.', agentId: null, userId: null, fields }
  }
}

function textOrNull(value: string | null | undefined, text: Redactor): string | null {
  return typeof value === 'string' ? text(value) : null
}

function redactFields(fields: object, text: Redactor, depth = 0): Record<string, JsonValue> {
  const redacted: Record<string, JsonValue> = {}
  for (const key of Object.keys(fields)) {
    const name = text(key)
    const value = (fields as Record<string, unknown>)[key]
    const member = typeof value === 'string' ? text(value, key) : redactValue(value, text, depth)
    // Assigning this one name would set the prototype instead.
    if (name === '__proto__') Object.defineProperty(redacted, name, { value: member, enumerable: true })
    else redacted[name] = member
  }
  return redacted
}

function redactValue(value: unknown, text: Redactor, depth: number): JsonValue {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null
  if (typeof value !== 'object') return text(String(value))
  if (depth >= DEEPEST) return '[too deep]'
  if (value instanceof Error) return { name: text(value.name), message: text(value.message), stack: text(value.stack ?? '') }
  return Array.isArray(value) ? value.map((member) => redactValue(member, text, depth + 1)) : redactFields(value, text, depth + 1)
}

/** After redaction: cut before, half a secret would stay. */
function shorten(text: string): string {
  return text.length <= LONGEST_STRING ? text : `${text.slice(0, LONGEST_STRING)}… [${text.length - LONGEST_STRING} more characters]`
}
