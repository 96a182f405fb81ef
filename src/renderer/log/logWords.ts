import type { Event } from '../../shared/domain/event.ts'
import type { SoughtWord } from '../../shared/domain/eventFilter.ts'
import type { EventKind } from '../../shared/domain/eventKinds.ts'
import type { CallId } from '../../shared/domain/llm.ts'
import type { SafetyRecord } from '../../shared/domain/safety.ts'
import type { LogScope } from './logChoice.ts'

export const KIND_WORDS: Readonly<Record<EventKind, string>> = {
  agents: 'Agent',
  tools: 'Tools',
  requests: 'Requests',
  budget: 'Budget',
  safety: 'Safety',
  secrets: 'Secrets',
  services: 'Services',
  alerts: 'Alerts',
  lines: 'Log lines',
  room: 'Control room',
  figures: 'Figures (several a second)',
}

export const SCOPE_WORDS: Readonly<Record<LogScope, string>> = {
  'agent-and-room': 'This agent and the room',
  agent: 'This agent only',
  all: 'All agents',
}

export interface TextPart {
  readonly text: string
  readonly isFound: boolean
}

/** A text cut where one of the words stands in it. */
export function foundParts(text: string, words: readonly SoughtWord[]): TextPart[] {
  if (words.length === 0) return [{ text, isFound: false }]
  const pattern = new RegExp(`(${words.map(([word]) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|')})`, 'giu')
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, isFound: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}

/** The request that an event is about, once it has a receipt. */
export function callOf(event: Event): CallId | null {
  switch (event.name) {
    case 'llm.callFinished':
      return event.payload.call.id
    case 'budget.callUnparked':
      return event.payload.callId
    case 'safety.recorded':
      return event.payload.records.find(({ callId }) => callId !== null)?.callId ?? null
    default:
      return null
  }
}

/** The finding that an event is about; of several, the first. */
export function findingOf(event: Event): SafetyRecord | null {
  return event.name === 'safety.recorded' ? (event.payload.records.find(({ kind }) => kind === 'private' || kind === 'unauthorised' || kind === 'injection') ?? null) : null
}
