import type { Direction } from '../../../shared/domain/safetyRules.ts'
import type { Segment } from '../../safety/json/jsonPath.ts'
import type { JsonSighting } from '../../safety/json/jsonSighting.ts'
import { asObject, type JsonObject } from '../dialects/json.ts'

const TOOL_MEMBERS = new Set<Segment>(['tool_calls', 'function_call'])
const TOOL_ROLES = new Set<unknown>(['tool', 'function'])
/** `tool_use`, `mcp_tool_result`, `web_search_tool_result`; `function_call`, `local_shell_call_output`. */
const TOOL_BLOCK = /(?:^|_)tool_(?:use|result)$|_call(?:_output)?$/

/** Tool calls and their results in a request's history are the tools' own direction; the rest is on its way to the model. */
export function directionOf(json: unknown, segments: readonly Segment[]): Direction {
  const [list, index] = segments
  if ((list !== 'messages' && list !== 'input') || typeof index !== 'number') return 'to-model'
  let value: unknown = asObject(json)?.[list]
  for (const segment of segments.slice(1)) {
    if (TOOL_MEMBERS.has(segment)) return 'tools'
    value = memberOf(value, segment)
    const object = asObject(value)
    if (!object) continue
    if (TOOL_ROLES.has(object.role) || (typeof object.type === 'string' && TOOL_BLOCK.test(object.type))) return 'tools'
  }
  return 'to-model'
}

const DATA_URL = /^data:[^,]{0,200};base64,/i
const BASE64 = /^[\w+/-]*={0,2}$/
const AROUND = 100

/**
 * Images, audio, files, signatures: known by where they stand and by their form. Chance may write a card number into them, and taking that
 * out would break them.
 */
export function isMachineData(json: unknown, sighting: JsonSighting): boolean {
  if (sighting.isKey) return false
  const { segments, base, matches, text } = sighting
  const { value, parent } = lookUp(json, segments)
  if (value === null) return false
  const prefix = prefixOf(value)
  if (prefix === 0 && !isMedia(segments.at(-1), parent)) return false
  return matches.every(({ start, end }) => {
    // Of two members of one name the parser knows the last alone.
    if (start < prefix || value.slice(start, end) !== text.slice(start - base, end - base)) return false
    return BASE64.test(value.slice(Math.max(prefix, start - AROUND), end + AROUND))
  })
}

/** The same for a whole text, known by its beginning. */
export function isMachineText(json: unknown, segments: readonly Segment[], beginning: string): boolean {
  const { value, parent } = lookUp(json, segments)
  if (value === null || !value.startsWith(beginning)) return false
  const prefix = prefixOf(value)
  return (prefix > 0 || isMedia(segments.at(-1), parent)) && BASE64.test(value.slice(prefix))
}

const prefixOf = (value: string): number => DATA_URL.exec(value.slice(0, 300))?.[0].length ?? 0

function lookUp(json: unknown, segments: readonly Segment[]): { readonly value: string | null; readonly parent: JsonObject | null } {
  let parent: JsonObject | null = null
  let value: unknown = json
  for (const segment of segments) {
    parent = asObject(value)
    value = memberOf(value, segment)
  }
  return { value: typeof value === 'string' ? value : null, parent }
}

function isMedia(name: Segment | undefined, parent: JsonObject | null): boolean {
  if (!parent) return false
  const { type } = parent
  if (name === 'data') return type === 'base64' || type === 'redacted_thinking' || ('format' in parent && Object.keys(parent).length === 2)
  if (name === 'signature') return type === 'thinking'
  if (name === 'encrypted_content') return typeof type === 'string'
  if (name === 'result') return type === 'image_generation_call'
  return name === 'file_data' || name === 'b64_json'
}

function memberOf(value: unknown, segment: Segment): unknown {
  if (typeof segment === 'number') return Array.isArray(value) ? (value[segment] as unknown) : undefined
  const object = asObject(value)
  return object && Object.hasOwn(object, segment) ? object[segment] : undefined
}
