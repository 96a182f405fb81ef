import { asObject, asText, type JsonObject } from '../dialects/json.ts'
import { NEVER, type EventPlan } from './eventPlan.ts'

/** What belongs to a block and is no text of it. */
const WHOLE = new Set(['type', 'id', 'name', 'signature', 'data', 'tool_use_id', 'encrypted_content'])

/** Anthropic's messages: a block begins, goes on in deltas, and stops. Null for an event of another kind. */
export function planBlock(event: JsonObject, type: string): EventPlan | null {
  const isBlock = type.startsWith('content_block_')
  if (!isBlock && !type.startsWith('message_')) return null
  const index = typeof event.index === 'number' ? event.index : 0
  const group = `block ${index}`
  const delta = asObject(event.delta)
  return {
    channelOf(segments) {
      const [first, field, ...rest] = segments
      const isText = first === 'delta' || (first === 'content_block' && type === 'content_block_start')
      if (!isBlock || !isText || typeof field !== 'string' || rest.length > 0 || WHOLE.has(field)) return null
      const isJson = field === 'partial_json'
      return { key: `${group}/${field}`, group, segments: ['content', index, isJson ? 'input' : field], isJson, isRepeated: false }
    },
    hasEnded: isBlock ? (type === 'content_block_stop' ? (channel) => channel.group === group : NEVER) : () => type !== 'message_start',
    endsWith: NEVER,
    groups: [],
    isRepeatable: type === 'content_block_delta' && delta !== null && Object.keys(delta).length === 2 && asText(delta.type) !== null,
  }
}
