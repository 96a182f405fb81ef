import { PRIVATE_TYPES } from '../../../shared/domain/privateTypes.ts'
import type { RecordId, SafetyRecord } from '../../../shared/domain/safety.ts'
import { addToCounts } from '../../audit/safetyCounts.ts'
import type { Clock } from '../../ports.ts'
import type { OriginalVault } from './originalVault.ts'
import { previewOf, safeExcerpt } from './preview.ts'
import type { Recorder } from './recorder.ts'
import type { Incident, Sighting } from './safetyDesk.ts'
import type { Match, Scanner } from '../scan/scanner.ts'
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

  /** Where a text cannot be made fit to be kept the record is written without it. */
  function shown(make: () => string): string {
    try {
      return make()
    } catch (problem) {
      onDefect(problem, 'the preview of a finding')
      return ''
    }
  }

  const excerptOf = (keeper: Scanner, text: string, longest: number): string => shown(() => safeExcerpt(keeper, text, longest))

  /** A place is made of names that the agent chose. */
  function safePlace(keeper: Scanner, place: string): string {
    // One text has many findings.
    const last = places.get(keeper)
    if (last?.place === place) return last.safe
    const safe = excerptOf(keeper, place, LONGEST_PLACE)
    places.set(keeper, { place, safe })
    return safe
  }

  return {
    match(own, sighting, match, action) {
      const { agentId, callId, direction, text, base } = sighting
      const { type, value, start, end } = match
      const keeper = own.keeper()
      const bare: SafetyRecord = {
        ...EMPTY_RECORD,
        id: freshId(),
        at: clock.now(),
        kind: 'private',
        agentId,
        callId,
        type,
        severity: PRIVATE_TYPES[type].severity,
        direction,
        action,
      }
      own.counts = addToCounts(own.counts, bare, 1)
      if (recorder.isFlooded()) return recorder.count({ ...bare, place: safePlace(keeper, sighting.place) })
      recorder.note(() => {
        const written = text.slice(Math.max(0, start - base), Math.max(0, end - base))
        const sealed = vault.seal(bare.id, { text: written === '' ? value : written, value })
        const preview = shown(() => previewOf(keeper, text, base, match))
        return { record: { ...bare, place: safePlace(keeper, sighting.place), valueHash: hashOf(value), preview, hasOriginal: sealed !== null }, sealed }
      })
    },

    incident(own, incident, action) {
      const { agentId, callId, kind, type, direction, place, excerpt } = incident
      const keeper = own.keeper()
      const preview = excerptOf(keeper, excerpt, LONGEST_EXCERPT)
      const record: SafetyRecord = {
        ...EMPTY_RECORD,
        id: freshId(),
        at: clock.now(),
        kind,
        agentId,
        callId,
        type: excerptOf(keeper, type, LONGEST_TYPE),
        severity: kind === 'unauthorised' ? 'CRITICAL' : 'WARN',
        direction,
        place: safePlace(keeper, place),
        action,
        preview,
      }
      own.counts = addToCounts(own.counts, record, 1)
      if (recorder.isFlooded()) recorder.count(record)
      else recorder.note(() => ({ record, sealed: null }))
      return preview
    },
  }
}
