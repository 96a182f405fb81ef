import type { Segment } from '../../safety/json/jsonPath.ts'
import { asObject, asText } from '../dialects/json.ts'
import { planBlock } from './anthropicStream.ts'
import { NEVER, type EventPlan } from './eventPlan.ts'
import { planChoices, planResponse } from './openAiStream.ts'

const NO_GROUPS: readonly string[] = []

/** Told by its shape: servers mix dialects. */
export function planEvent(event: unknown): EventPlan {
  const object = asObject(event)
  if (!object) return planOther()
  if (Array.isArray(object.choices)) return planChoices(object, object.choices)
  const type = asText(object.type) ?? ''
  if (type.startsWith('response.')) return planResponse(object, type)
  return planBlock(object, type) ?? planOther()
}

/** What texts are called in events that nobody knows. */
const TEXT_NAMES = new Set<Segment>(['text', 'content', 'delta', 'completion', 'token', 'output', 'thinking', 'reasoning', 'arguments'])

function planOther(): EventPlan {
  return {
    channelOf(segments) {
      const last = segments.at(-1)
      if (last !== undefined && !TEXT_NAMES.has(last)) return null
      return { key: `other:${segments.join('/')}`, group: 'other', segments, isJson: last === 'arguments', isRepeated: false }
    },
    hasEnded: NEVER,
    endsWith: NEVER,
    groups: NO_GROUPS,
    isRepeatable: false,
  }
}
