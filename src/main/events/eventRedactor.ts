import type { z } from 'zod'
import { AgentId, LlmPlan } from '../../shared/domain/agent.ts'
import { EVENT_PAYLOADS, type Announcement } from '../../shared/domain/event.ts'
import { CallId } from '../../shared/domain/llm.ts'
import { RecordId, SafetyRecord } from '../../shared/domain/safety.ts'
import { SafetyPlan } from '../../shared/domain/safetyRules.ts'
import { SecretId, SecretName, SecretView } from '../../shared/domain/secret.ts'
import { Destination } from '../../shared/domain/service.ts'
import { ServiceName, ServicePolicy } from '../../shared/domain/servicePolicy.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { redactJson } from '../safety/json/redactJson.ts'
import { withholding } from '../safety/sinkRedactor.ts'
import type { Redactor } from '../telemetry/log.ts'

export type RedactEvent = (announcement: Announcement) => Announcement

/** Gives the redacted value; the very same one where nothing was found. */
type Redact = (value: unknown) => unknown

/**
 * What must stay exact, and is private by no means: ids, keyed hashes, and what an agent's own file says about models and safety:
 * addresses, permissions, services, and what it names as not private; and the hosts that it goes to. Secrets are masked by the time they are shown.
 */
const EXACT: ReadonlySet<z.core.$ZodType> = new Set<z.core.$ZodType>([AgentId, CallId, RecordId, SecretId, SafetyRecord.shape.valueHash, LlmPlan, SafetyPlan, SecretName, SecretView, ServiceName, ServicePolicy.shape.hosts, Destination.shape.host])

/** Redacts the message and every free string of a payload; where those stand, its schema says. A string that cannot be redacted is withheld. */
export function createEventRedactor(redact: Redactor): RedactEvent {
  const text = withholding(redact)
  const payloads = new Map<string, Redact | null>(Object.entries(EVENT_PAYLOADS).map(([name, schema]) => [name, redactorOf(schema, text)]))
  return (announcement) => {
    const redactPayload = payloads.get(announcement.name)
    const message = text(announcement.message)
    const payload = redactPayload ? redactPayload(announcement.payload) : announcement.payload
    if (message === announcement.message && payload === announcement.payload) return announcement
    return { ...announcement, message, payload } as Announcement
  }
}

/** Null where nothing in such a value can be private. What is not known here is walked through wholly. */
function redactorOf(schema: z.core.$ZodType, text: Redactor): Redact | null {
  if (EXACT.has(schema)) return null
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'number':
    case 'boolean':
    case 'null':
    case 'enum':
    case 'literal':
      return null
    case 'string': {
      // A marker may be longer than what it stands for.
      const longest = (schema as z.ZodString).maxLength ?? Infinity
      return (value) => (typeof value === 'string' ? text(value).slice(0, longest) : everything(value, text))
    }
    case 'nullable':
    case 'optional':
    case 'default': {
      const inner = redactorOf(def.innerType, text)
      return inner && ((value) => (value === null || value === undefined ? value : inner(value)))
    }
    case 'array': {
      const member = redactorOf(def.element, text)
      return member && ((value) => (Array.isArray(value) ? redactMembers(value, member) : everything(value, text)))
    }
    case 'object':
      return redactorOfObject(def.shape, text)
    case 'record': {
      // Names that nobody can choose say nothing.
      const isClosed = def.keyType._zod.def.type === 'enum'
      return isClosed && redactorOf(def.valueType, text) === null ? null : (value) => everything(value, text)
    }
    default:
      return (value) => everything(value, text)
  }
}

function redactorOfObject(shape: z.core.$ZodLooseShape, text: Redactor): Redact | null {
  const members = Object.entries(shape).flatMap(([key, schema]) => {
    const redact = redactorOf(schema as z.core.$ZodType, text)
    return redact ? [{ key, redact }] : []
  })
  if (members.length === 0) return null
  return (value) => {
    if (typeof value !== 'object' || value === null) return everything(value, text)
    const object = value as Record<string, unknown>
    let changed: Record<string, unknown> | null = null
    for (const { key, redact } of members) {
      const member = object[key]
      if (member === undefined) continue
      const redacted = redact(member)
      if (redacted !== member) (changed ??= { ...object })[key] = redacted
    }
    return changed ?? value
  }
}

function redactMembers(values: readonly unknown[], redact: Redact): readonly unknown[] {
  let changed: unknown[] | null = null
  for (let index = 0; index < values.length; index++) {
    const redacted = redact(values[index])
    if (redacted !== values[index]) (changed ??= [...values])[index] = redacted
  }
  return changed ?? values
}

function everything(value: unknown, text: Redactor): unknown {
  return redactJson(value as JsonValue, text)
}
