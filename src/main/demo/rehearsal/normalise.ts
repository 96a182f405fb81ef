import type { Event } from '../../../shared/domain/event.ts'
import { createPlaceholders, type Placeholders } from './placeholders.ts'
import type { RunRecord } from './rehearseOnce.ts'

/** The log of a run as it has to be the same at every run: for each source its lines, in their order. */
export type NormalLog = ReadonlyMap<string, readonly string[]>

/**
 * Sources that work side by side: a call is settled while its agent works on already, and the room tells of the first call that it keeps
 * away while the agent hears of it. Within each the order is the log's; between two it is nobody's promise.
 */
const SOURCES: readonly (readonly [prefix: string, source: string])[] = [
  ['agent.raised', 'exceptions'],
  ['agent.checkpointSaved', 'checkpoints'],
  ['agent.progressed', 'progress'],
  ['agent.', 'process'],
  ['llm.', 'calls'],
  ['budget.', 'budget'],
  ['safety.', 'safety'],
  ['secret.', 'secrets'],
  ['service.', 'services'],
  ['tool.', 'tools'],
  ['destination.', 'destinations'],
  ['log.', 'agent’s log'],
  ['', 'room'],
]

/** Told at most so often a second: how many come depends on how fast it is. What they end at stands in the figures. */
const PACED: ReadonlySet<Event['name']> = new Set<Event['name']>(['budget.changed', 'performance.changed', 'service.changed', 'agent.progressed', 'service.probing'])

export function normalise({ events, leadEnds }: Pick<RunRecord, 'events' | 'leadEnds'>, folder: string): NormalLog {
  const bySource = new Map<string, PlacedEvent[]>(SOURCES.map(([, source]) => [source, []]))
  for (const event of reduced(placed(events, leadEnds))) bySource.get(sourceOf(event))?.push(event)
  const placeholders = createPlaceholders(folder)
  const log = new Map<string, readonly string[]>()
  // In a fixed order of sources: which of two concurrent ones came first must not number their names.
  for (const [source, own] of bySource) {
    const lines = own.map((event) => `${IN_THEIR_LEAD.has(source) && event.lead !== null ? `#${event.lead} ` : ''}${lineOf(event, placeholders)}`)
    if (lines.length > 0) log.set(source, source === 'destinations' ? [...new Set(lines)].sort() : lines)
  }
  return log
}

type PlacedEvent = Event & { readonly lead: number | null }

/** What an agent waits for before it goes on; all else is told of in its own time. */
const IN_THEIR_LEAD: ReadonlySet<string> = new Set(['calls', 'tools', 'services', 'safety'])

function placed(events: readonly Event[], leadEnds: readonly number[]): PlacedEvent[] {
  let over = 0
  return events.map((event, index) => {
    while ((leadEnds[over] ?? Infinity) <= index) over += 1
    return { ...event, lead: leadEnds.length === 0 ? null : over + 1 }
  })
}

function sourceOf({ name }: Pick<Event, 'name'>): string {
  return SOURCES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'room'
}

/** Without what depends on how fast it is: paced events, and a breaker's further probes, each of which opens it again. */
function reduced(events: readonly PlacedEvent[]): PlacedEvent[] {
  const opened = new Set<string>()
  return events.flatMap(recordByRecord).filter((event) => {
    if (PACED.has(event.name)) return false
    if (event.name !== 'service.opened') return true
    const { service, endpoint } = event.payload.service
    const isFirst = !opened.has(`${service} ${endpoint}`)
    opened.add(`${service} ${endpoint}`)
    return isFirst
  })
}

/** Findings of one answer are told of together or one after the other. */
function recordByRecord(event: PlacedEvent): PlacedEvent[] {
  if (event.name !== 'safety.recorded') return [event]
  return event.payload.records.map((record) => ({ ...event, message: '', payload: { records: [record] } }))
}

function lineOf({ name, severity, agentId, message, payload }: Event, placeholders: Placeholders): string {
  const whose = agentId === null ? 'room' : placeholders.inText(agentId)
  return `${name} ${severity} ${whose}: ${placeholders.inText(message)} ${JSON.stringify(withoutTime(payload, placeholders))}`
}

/** Lengths that are set, and not measured. */
const SET_LENGTHS: ReadonlySet<string> = new Set(['gracePeriodMs', 'healthyAfterMs', 'parkForMs', 'delayMs'])
const MEASURED: ReadonlySet<string> = new Set(['at', 'since', 'until', 'pid', 'pids', 'port', 'perHour', 'latency', 'msIn', 'uptime'])

/** Of chance: now and then one looks like a number. */
const NAMES: ReadonlySet<string> = new Set(['toolCallId', 'valueHash'])

function isMeasured(key: string): boolean {
  return MEASURED.has(key) || (/(At|Ms)$/.test(key) && !SET_LENGTHS.has(key))
}

function withoutTime(value: unknown, placeholders: Placeholders): unknown {
  if (typeof value === 'string') return placeholders.inText(value)
  if (Array.isArray(value)) return value.map((one) => withoutTime(one, placeholders))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => {
    // Whether there is one is no question of time.
    if (isMeasured(key)) return [key, one === null ? null : '<measured>']
    if (NAMES.has(key) && typeof one === 'string') return [key, placeholders.ofName(key, one)]
    return [placeholders.inText(key), withoutTime(one, placeholders)]
  })
  return Object.fromEntries(entries)
}
