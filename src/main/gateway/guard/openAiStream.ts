import type { Segment } from '../../safety/json/jsonPath.ts'
import { asArray, asObject, asText, type JsonObject } from '../dialects/json.ts'
import { indexOf, NEVER, type EventPlan } from './eventPlan.ts'

/** What is said once, and not in pieces. */
const WHOLE = new Set<Segment>(['role', 'id', 'type'])

/** Chat completions and completions: each choice's `delta` says how each of its texts goes on. */
export function planChoices(event: JsonObject, choices: readonly unknown[]): EventPlan {
  const read = choices.map((value, place) => {
    const choice = asObject(value)
    return { choice, index: indexOf(choice, place), delta: asObject(choice?.delta) }
  })
  const groups = read.map(({ index }) => `choice ${index}`)
  const finished = new Set(read.filter(({ choice }) => typeof choice?.finish_reason === 'string').map(({ index }) => `choice ${index}`))
  const calledNow = new Set<string>()
  for (const { index, delta } of read) {
    for (const [place, call] of asArray(delta?.tool_calls).entries()) {
      const made = asObject(call)
      const named = asText(asObject(made?.function)?.name) ?? asText(asObject(made?.custom)?.name)
      if (!named) calledNow.add(`choice ${index}/tool_calls/${indexOf(made, place)}/`)
    }
    const old = asObject(delta?.function_call)
    if (old && !asText(old.name)) calledNow.add(`choice ${index}/function_call/`)
  }
  return {
    channelOf(segments) {
      const [first, place, part, ...rest] = segments
      const one = first === 'choices' && typeof place === 'number' ? read[place] : undefined
      const leaf = rest.at(-1)
      if (!one) return null
      const group = `choice ${one.index}`
      if (part === 'text' && rest.length === 0) {
        return { key: `${group}/text`, group, segments: ['choices', one.index, 'text'], isJson: false, isRepeated: false }
      }
      if (part !== 'delta' || leaf === undefined || WHOLE.has(leaf) || rest.includes('logprobs')) return null
      // Calls and parts are known by the index they name, not by where they stand in an event.
      let item: unknown = one.delta
      const known = rest.map((segment): Segment => {
        item = Array.isArray(item) ? (item as unknown[])[segment as number] : asObject(item)?.[segment]
        return typeof segment === 'number' ? indexOf(asObject(item), segment) : segment
      })
      const isJson = leaf === 'arguments' || leaf === 'input'
      return { key: `${group}/${known.join('/')}`, group, segments: ['choices', one.index, 'message', ...known], isJson, isRepeated: false }
    },
    // A name comes whole or in pieces, but never after the first of its arguments.
    hasEnded: calledNow.size === 0 ? NEVER : ({ key }) => key.endsWith('/name') && [...calledNow].some((call) => key.startsWith(call)),
    endsWith: finished.size === 0 ? NEVER : ({ group }) => finished.has(group),
    groups,
    isRepeatable: read.length === 1 && finished.size === 0 && (event.usage ?? null) === null && isOneText(read[0]?.choice ?? null),
  }
}

function isOneText(choice: JsonObject | null): boolean {
  const delta = asObject(choice?.delta)
  if (!delta) return typeof choice?.text === 'string'
  const names = Object.keys(delta)
  if (names.length !== 1) return false
  const [value] = Object.values(delta)
  if (typeof value === 'string') return names[0] !== 'role'
  const [call, ...others] = asArray(value).map(asObject)
  if (names[0] !== 'tool_calls' || !call || others.length > 0) return false
  const made = Object.entries(call).filter(([name]) => name !== 'index')
  const inner = Object.keys(asObject(made[0]?.[1]) ?? {})
  return made.length === 1 && inner.length === 1 && (inner[0] === 'arguments' || inner[0] === 'input')
}

/** Sound and images are no text, although they come as deltas. */
const NOT_TEXT = /audio\.delta$|image/

/** Responses: deltas name their item; their `.done`, and what comes after it, repeats all of it. */
export function planResponse(event: JsonObject, type: string): EventPlan {
  const item = asText(event.item_id) ?? asText(asObject(event.item)?.id)
  const itemKey = item ?? `output ${String(event.output_index)}`
  const isDelta = type.endsWith('.delta')
  const isOver = /^response\.(?:completed|incomplete|failed)$/.test(type)
  const isDone = type.endsWith('.done')
  return {
    channelOf(segments) {
      if (!isDelta || segments.length !== 1 || segments[0] !== 'delta' || NOT_TEXT.test(type)) return null
      const base = type.slice('response.'.length, -'.delta'.length)
      const field = base.replace(/^(?:output_|function_call_|mcp_call_|custom_tool_call_|code_interpreter_call_)/, '')
      const place = [event.output_index, event.content_index ?? event.summary_index].filter((index) => typeof index === 'number')
      const key = [itemKey, base, ...place].join('/')
      const isJson = field === 'arguments' || field === 'input'
      return { key, group: itemKey, segments: ['output', ...place, ...field.split('.')], isJson, isRepeated: true }
    },
    hasEnded: isOver ? () => true : isDone ? ({ group }) => group === itemKey : NEVER,
    endsWith: NEVER,
    groups: [],
    isRepeatable: isDelta,
  }
}
