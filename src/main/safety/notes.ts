import { PRIVATE_TYPES } from '../../shared/domain/privateTypes.ts'
import type { RecordId, SafetyRecord } from '../../shared/domain/safety.ts'
import { addToCounts } from '../audit/safetyCounts.ts'
import type { Clock } from '../ports.ts'
import type { OriginalVault } from './originalVault.ts'
import { previewOf, safeExcerpt } from './preview.ts'
import type { Recorder } from './recorder.ts'
import type { Incident, Sighting } from './safetyDesk.ts'
import type { Match, Scanner } from './scanner.ts'
import type { Watch } from './watch.ts'

export interface NotesOptions {
  readonly recorder: Recorder
  readonly vault: OriginalVault
  readonly clock: Clock
  readonly freshId: () => RecordId
  readonly hashOf: (value: string) => string
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** Makes records of what was decided: nothing private is left in them. */
export interface Notes {
  match(own: Watch, sighting: Sighting, match: Match, action: SafetyRecord['action']): void
  /** Gives what was asked for, redacted. */
  incident(own: Watch, incident: Incident, action: SafetyRecord['action']): string
}

export const EMPTY_RECORD = {
  callId: null,
  direction: null,
  place: '',
  valueHash: '',
  preview: '',
  hasOriginal: false,
  about: null,
  actor: null,
  reason: null,
} as const

const LONGEST_EXCERPT = 200
const LONGEST_PLACE = 200
const LONGEST_TYPE = 60

export function createNotes({ recorder, vault, clock, freshId, hashOf, onDefect }: NotesOptions): Notes {
  const places = new WeakMap<Scanner, { readonly place: string; readonly safe: string }>()

  function note(own: Watch, record: SafetyRecord, original: () => Buffer | null): void {
    own.counts = addToCounts(own.counts, record, 1)
    if (recorder.isFlooded()) return recorder.count(record)
    const sealed = original()
    recorder.note({ ...record, hasOriginal: sealed !== null }, sealed)
  }

  /** Where a text cannot be made fit to be kept the record is written without it. */
  function shown(make: () => string): string {
    try {
      return make()
    } catch (problem) {
      onDefect(problem, 'the preview of a finding')
      return ''
    }
  }

  const excerptOf = (own: Watch, text: string, longest: number): string => shown(() => safeExcerpt(own.keeper(), text, longest))

  /** A place is made of names that the agent chose. */
  function safePlace(own: Watch, place: string): string {
    const keeper = own.keeper()
    // One text has many findings.
    const last = places.get(keeper)
    if (last?.place === place) return last.safe
    const safe = excerptOf(own, place, LONGEST_PLACE)
    places.set(keeper, { place, safe })
    return safe
  }

  return {
    match(own, sighting, match, action) {
      const { agentId, callId, direction, text, base } = sighting
      const { type, value, start, end } = match
      const id = freshId()
      const isFlood = recorder.isFlooded()
      const record: SafetyRecord = {
        ...EMPTY_RECORD,
        id,
        at: clock.now(),
        kind: 'private',
        agentId,
        callId,
        type,
        severity: PRIVATE_TYPES[type].severity,
        direction,
        place: safePlace(own, sighting.place),
        action,
        valueHash: isFlood ? '' : hashOf(value),
        preview: isFlood ? '' : shown(() => previewOf(own.keeper(), text, base, match)),
      }
      const written = text.slice(Math.max(0, start - base), Math.max(0, end - base))
      note(own, record, () => vault.seal(id, { text: written === '' ? value : written, value }))
    },

    incident(own, incident, action) {
      const { agentId, callId, kind, type, direction, place, excerpt } = incident
      const preview = excerptOf(own, excerpt, LONGEST_EXCERPT)
      const record: SafetyRecord = {
        ...EMPTY_RECORD,
        id: freshId(),
        at: clock.now(),
        kind,
        agentId,
        callId,
        type: excerptOf(own, type, LONGEST_TYPE),
        severity: kind === 'unauthorised' ? 'CRITICAL' : 'WARN',
        direction,
        place: safePlace(own, place),
        action,
        preview,
      }
      note(own, record, () => null)
      return preview
    },
  }
}
