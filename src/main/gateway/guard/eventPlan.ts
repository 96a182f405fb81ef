import type { Segment } from '../../safety/json/jsonPath.ts'
import type { Direction } from '../../../shared/domain/safetyRules.ts'
import type { JsonObject } from '../dialects/json.ts'
import type { Channel, ChannelKind } from './channel.ts'

/** How one event of a stream is to be read. */
export interface EventPlan {
  /** The text that the string at this place goes on with; null where it stands whole in its event. */
  channelOf(segments: readonly Segment[]): ChannelKind | null
  /** What has ended before the event, and what ends with it. */
  hasEnded(channel: Channel): boolean
  endsWith(channel: Channel): boolean
  /** Choices, blocks or items that the event says something of: what waits for another word of them waits no longer for ever. */
  readonly groups: readonly string[]
  /** Whether it is nothing but a piece of one text, so that it can be sent as two. */
  readonly isRepeatable: boolean
}

export const NEVER = (): boolean => false

const OF_TOOLS = new Set<Segment>(['tool_calls', 'function_call', 'arguments', 'input', 'partial_json'])

/** What tools are called with, and what else the model says. */
export function directionOf(segments: readonly Segment[]): Direction {
  return segments.some((segment) => OF_TOOLS.has(segment)) ? 'tools' : 'from-model'
}

/** The `index` that an item of a list names itself by; its place where it names none. */
export function indexOf(item: JsonObject | null, place: number): number {
  return typeof item?.index === 'number' ? item.index : place
}
