import { asArray, asObject, asText, jsonText, type JsonObject } from '../dialects/json.ts'
import type { Rejection } from './answer.ts'
import type { Format } from './conversation.ts'

/** Rules and readings that OpenAI's endpoints share. */

export const missing = (param: string): Rejection => ({
  message: `Missing required parameter: '${param}'.`,
  param,
  code: 'missing_required_parameter',
})

export function wrongType(param: string, expected: string, given: unknown): Rejection {
  const a = Array.isArray(given) ? 'an array' : given === null ? 'null' : typeof given === 'object' ? 'an object' : `a ${typeof given}`
  return { message: `Invalid type for '${param}': expected ${expected}, but got ${a} instead.`, param, code: 'invalid_type' }
}

export const NO_MODEL: Rejection = { message: 'you must provide a model parameter' }

export const NO_JSON: Rejection = {
  message: 'We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent was not valid JSON.',
}

/** A whole number that is at least `least`, or absent. */
export function badCount(body: JsonObject, param: string, least: number, most = Infinity): Rejection | null {
  const value = body[param]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType(param, 'an integer', value)
  if (value < least) {
    const message = `Invalid '${param}': integer below minimum value. Expected a value >= ${least}, but got ${value} instead.`
    return { message, param, code: 'integer_below_min_value' }
  }
  if (value <= most) return null
  const message = `Invalid '${param}': integer above maximum value. Expected a value <= ${most}, but got ${value} instead.`
  return { message, param, code: 'integer_above_max_value' }
}

export function streamOptionsAlone(body: JsonObject): Rejection | null {
  if (body.stream === true || body.stream_options === undefined || body.stream_options === null) return null
  return { message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param: 'stream_options' }
}

export const numberOr = <T>(value: unknown, otherwise: T): number | T => (typeof value === 'number' ? value : otherwise)

export function stopsOf(value: unknown): string[] {
  return (typeof value === 'string' ? [value] : asArray(value)).filter((stop): stop is string => typeof stop === 'string')
}

/** What an image counts for at its low resolution. */
const IMAGE_TOKENS = 85

export interface Content {
  readonly text: string
  readonly otherTokens: number
}

/** Text, or a list of parts with text, pictures and the like. */
export function contentOf(value: unknown): Content {
  if (typeof value === 'string') return { text: value, otherTokens: 0 }
  const texts: string[] = []
  let otherTokens = 0
  for (const part of asArray(value).map(asObject)) {
    const text = asText(part?.text) ?? asText(part?.refusal)
    if (text !== null) texts.push(text)
    else if (part) otherTokens += IMAGE_TOKENS
  }
  return { text: texts.join('\n'), otherTokens }
}

export function formatOf(value: unknown): Format {
  const format = asObject(value)
  if (format?.type === 'json_object') return { kind: 'json-object' }
  if (format?.type !== 'json_schema') return { kind: 'text' }
  // Chat nests the schema once more than Responses does.
  return { kind: 'json-schema', schema: (asObject(format.json_schema) ?? format).schema ?? {} }
}

/** As it is counted: in the letters in which it came. */
export const spelledOut = (value: unknown): string[] => (value === undefined || value === null ? [] : [jsonText(value)])
