import type { Severity } from '../../shared/domain/event.ts'
import type { EventFilter } from '../../shared/domain/eventFilter.ts'
import { EVENT_KINDS, namesOfKinds, type EventKind } from '../../shared/domain/eventKinds.ts'

export const LOG_SCOPES = ['agent-and-room', 'agent', 'all'] as const
export type LogScope = (typeof LOG_SCOPES)[number]

export const SEVERITIES: readonly Severity[] = ['DEBUG', 'INFO', 'WARN', 'ERROR']

/** What somebody wants to see of the log. */
export interface LogChoice {
  readonly scope: LogScope
  readonly severities: ReadonlySet<Severity>
  readonly kinds: ReadonlySet<EventKind>
  readonly text: string
}

/** Figures come four times a second, and stand in the panels. */
export const USUAL_KINDS: ReadonlySet<EventKind> = new Set(EVENT_KINDS.filter((kind) => kind !== 'figures'))

export const USUAL_CHOICE: LogChoice = { scope: 'agent-and-room', severities: new Set(SEVERITIES), kinds: USUAL_KINDS, text: '' }

export function filterOf({ scope, severities, kinds, text }: LogChoice, agentId: string | null): EventFilter {
  return {
    ...(scope === 'all' || agentId === null ? {} : { agentId, ...(scope === 'agent' ? {} : { withRoom: true }) }),
    ...(severities.size === SEVERITIES.length ? {} : { severities: SEVERITIES.filter((severity) => severities.has(severity)) }),
    ...(kinds.size === EVENT_KINDS.length ? {} : { names: namesOfKinds(kinds) }),
    ...(text.trim() === '' ? {} : { text: text.trim() }),
  }
}

export function isUsual({ scope, severities, kinds, text }: LogChoice): boolean {
  return scope === 'agent-and-room' && severities.size === SEVERITIES.length && isSame(kinds, USUAL_KINDS) && text.trim() === ''
}

const isSame = <T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean => one.size === other.size && [...one].every((each) => other.has(each))

/** Without the last one nothing would be left to see: then the others come back. */
export function toggled<T>(chosen: ReadonlySet<T>, one: T, all: readonly T[]): ReadonlySet<T> {
  const next = new Set(chosen)
  if (!next.delete(one)) next.add(one)
  return next.size === 0 ? new Set(all) : next
}
