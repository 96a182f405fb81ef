import { isDeepStrictEqual } from 'node:util'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { JsonSchema } from './restRoutes.ts'

export interface RequestParts {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** One input out of path, query and body. It only gathers: whether it is any good, the router says. */
export function restInput(parts: RequestParts, properties: Readonly<Record<string, JsonSchema>>): Record<string, unknown> {
  const input = new Map<string, unknown>()
  const add = (from: Iterable<[string, unknown]>): void => {
    for (const [key, value] of from) {
      if (input.has(key) && !isDeepStrictEqual(input.get(key), value)) {
        throw new AppError('INVALID_INPUT', `"${key.slice(0, 80)}" is given twice with different values; give it once.`)
      }
      input.set(key, value)
    }
  }
  add(fromText(parts.params, properties))
  add(fromText(parts.query, properties))
  add(Object.entries(objectIn(parts.body)))
  return Object.fromEntries(input)
}

function objectIn(body: unknown): Record<string, JsonValue> {
  if (body === undefined) return {}
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, JsonValue>
  throw new AppError('INVALID_INPUT', 'The body has to be one JSON object.')
}

function fromText(texts: Readonly<Record<string, unknown>>, properties: Readonly<Record<string, JsonSchema>>): [string, unknown][] {
  return Object.entries(texts).map(([key, text]) => [key, fromWord(text, properties[key])])
}

/** A query knows only text; the schema tells what was meant. What does not fit stays text, and the router refuses it. */
function fromWord(word: unknown, schema: JsonSchema | undefined): unknown {
  const type = schema?.['type']
  if (type === 'array') return (Array.isArray(word) ? word : [word]).map((one) => fromWord(one, schema?.['items'] as JsonSchema))
  if (typeof word !== 'string') return word
  if ((type === 'integer' || type === 'number') && /^-?\d{1,16}(\.\d+)?$/.test(word)) return Number(word)
  if (type === 'boolean' && (word === 'true' || word === 'false')) return word === 'true'
  return word
}
