import type { Scanner } from '../../safety/scan/scanner.ts'
import type { ChannelKind } from './channel.ts'
import type { EventPlan } from './eventPlan.ts'
import type { JsonLiteral } from './eventStrings.ts'

/** An event of which all but one string was found to be nothing to do with: what is the same but for that string is read as quickly. */
export interface EventTemplate {
  readonly before: string
  readonly after: string
  readonly kind: ChannelKind
  readonly literal: JsonLiteral
  readonly plan: EventPlan
  /** What looked through the rest of it. */
  readonly scanner: Scanner
}

/** Null where the string is written with escapes. */
export function templateOf(data: string, literal: JsonLiteral, kind: ChannelKind, plan: EventPlan, scanner: Scanner): EventTemplate | null {
  const { start, end } = literal.toRaw({ start: 0, end: literal.text.length, replacement: '' })
  if (data.slice(start, end) !== literal.text) return null
  return { before: data.slice(0, start), after: data.slice(end), kind, literal, plan, scanner }
}

/** The string in which the event differs; null where it is of another kind, or would have to be decoded. */
export function stringIn({ before, after, scanner }: EventTemplate, data: string, current: Scanner): string | null {
  const end = data.length - after.length
  if (scanner !== current || end <= before.length || !data.startsWith(before) || !data.endsWith(after)) return null
  for (let at = before.length; at < end; at++) {
    const code = data.charCodeAt(at)
    if (code < 0x20 || code === QUOTE || code === BACKSLASH) return null
  }
  return data.slice(before.length, end)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
