import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import type { RecordAction, SafetyRecord } from '../../../shared/domain/safety.ts'
import type { Direction, PrivateType } from '../../../shared/domain/safetyRules.ts'
import type { Severity } from '../../../shared/domain/event.ts'

const IN: Readonly<Record<Direction, string>> = {
  'to-model': 'in a request',
  'from-model': 'in an answer',
  terminal: 'in the terminal',
  tools: 'in a tool call',
}
/** What comes in from tools is no call of theirs. */
const COMING_IN: Readonly<Record<Direction, string>> = { ...IN, tools: 'in what a tool answered' }

function whereIn(direction: Direction, place: string): string {
  if (direction !== 'tools') return IN[direction]
  if (/^checkpoint\b/.test(place)) return 'in a checkpoint'
  return /^progress\b/.test(place) ? 'in its progress' : IN.tools
}

/** What happened, without what was found: "2 phone numbers and an email address were redacted in the terminal." */
export function tellFindings(records: readonly SafetyRecord[]): string {
  const counts = new Map<PrivateType, number>()
  for (const { type, times = 1 } of records) counts.set(type as PrivateType, (counts.get(type as PrivateType) ?? 0) + times)
  const [first] = records
  if (!first) return ''
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const what = capitalised(listed([...counts].map(([type, count]) => counted(type, count))))
  return `${what} ${total === 1 ? 'was' : 'were'} ${done(first.action)} ${first.direction === null ? '' : whereIn(first.direction, first.place)}`.trimEnd() + rest(first.action)
}

export function severityOf(action: RecordAction): Severity {
  if (action === 'blocked') return 'ERROR'
  return action === 'opened' || action === 'changed' ? 'INFO' : 'WARN'
}

/** To whoever sent it: the agent's client shows it. */
export function tellBlocked(type: PrivateType, direction: Direction): string {
  const { called } = PRIVATE_TYPES[type]
  return (
    `${capitalised(called)} was found ${IN[direction]}, and this agent's safety rules say "block": nothing of it goes on, and the agent is halted. ` +
    'Take it out, or change the rules, then start the agent again.'
  )
}

/** A part of its run is stricter than its rules: the agent goes on. */
export function tellKeptOut(type: PrivateType, direction: Direction): string {
  const { called } = PRIVATE_TYPES[type]
  return `${capitalised(called)} was found ${IN[direction]}, and this part of the run blocks private data: nothing of it goes on. Take it out, and ask again.`
}

export function tellHaltReason(type: PrivateType, direction: Direction): string {
  return `${capitalised(PRIVATE_TYPES[type].called)} was found ${IN[direction]}, and its safety rules say "block".`
}

const INCIDENT_ENDS: Readonly<Record<'warned' | 'refused' | 'blocked', string>> = {
  warned: 'it was let through, and noted down.',
  refused: 'it was refused.',
  blocked: 'it was refused, and the agent is halted.',
}

/** An event's message about an incident; `excerpt` is redacted by now. */
export function tellIncident({ kind, type, direction, action, preview }: SafetyRecord): string {
  const end = INCIDENT_ENDS[action as 'warned' | 'refused' | 'blocked']
  if (kind === 'injection') return `Something ${direction === null ? '' : `${COMING_IN[direction]} `}reads like orders to the model (rule ${type}): ${end}`
  return `The agent asked for a ${type} that it is not allowed${preview === '' ? '' : ` (${preview})`}: ${end}`
}

export function tellInjectionRefused(rule: string, direction: Direction): string {
  return (
    `Something ${COMING_IN[direction]} reads like orders to the model (rule ${rule}), and this agent's safety rules refuse that. ` +
    'If it is harmless, set "injection" to "warn".'
  )
}

/** `an email address`, `3 phone numbers`. */
function counted(type: PrivateType, count: number): string {
  const { called } = PRIVATE_TYPES[type]
  if (count === 1) return called
  const noun = called.replace(/^an? /, '')
  return `${count.toLocaleString('en-US')} ${noun}${noun.endsWith('s') ? 'es' : 's'}`
}

function done(action: RecordAction): string {
  return action === 'warned' ? 'noticed' : action
}

function rest(action: RecordAction): string {
  if (action === 'warned') return ', and left there.'
  return action === 'blocked' ? '; the agent is halted.' : '.'
}

function listed(parts: readonly string[]): string {
  return parts.length <= 1 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
