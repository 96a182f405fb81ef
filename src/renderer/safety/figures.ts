import { Bug, CircleCheck, EyeOff, OctagonX, ShieldBan, TriangleAlert } from '@lucide/vue'
import type { Component } from 'vue'
import type { EffectiveRules, SafetyCounts, SafetyRecord } from '../../shared/domain/safety.ts'
import type { IncidentMode } from '../../shared/domain/safetyRules.ts'
import { formatTokens } from '../../shared/format.ts'
import type { Tone } from '@/lib/tones.ts'
import { TYPE_LOOK } from './findingLook.ts'
import { TYPES } from './ruleLayers.ts'

export interface Figure {
  readonly key: 'private' | 'unauthorised' | 'injection'
  readonly title: string
  readonly icon: Component
  readonly count: number
  readonly status: { readonly word: string; readonly tone: Tone; readonly icon: Component }
}

const QUIET: Figure['status'] = { word: 'All quiet', tone: 'good', icon: CircleCheck }

export function figuresOf(counts: SafetyCounts, rules: EffectiveRules): Figure[] {
  const { redacted, blocked, unauthorised, injection } = counts
  return [
    { key: 'private', title: 'PII blocked', icon: EyeOff, count: redacted + blocked, status: privateStatus(counts) },
    { key: 'unauthorised', title: 'Unauthorised actions', icon: ShieldBan, count: unauthorised, status: incidentStatus(unauthorised, rules.unauthorised) },
    { key: 'injection', title: 'Injection attempts', icon: Bug, count: injection, status: incidentStatus(injection, rules.injection) },
  ]
}

function privateStatus({ redacted, blocked, warned }: SafetyCounts): Figure['status'] {
  if (warned > 0) return { word: `${formatTokens(warned)} let through`, tone: 'bad', icon: OctagonX }
  if (redacted + blocked === 0) return QUIET
  return { word: `${formatTokens(redacted + blocked)} kept out`, tone: 'caution', icon: TriangleAlert }
}

/** What the rules do at such a thing now; what came of each stands in the list. */
const INCIDENT_STATUS: Record<IncidentMode, Figure['status']> = {
  warn: { word: 'Only noted down', tone: 'bad', icon: OctagonX },
  refuse: { word: 'Refused', tone: 'caution', icon: TriangleAlert },
  block: { word: 'Halts the agent', tone: 'caution', icon: TriangleAlert },
}

function incidentStatus(count: number, mode: IncidentMode): Figure['status'] {
  return count === 0 ? QUIET : INCIDENT_STATUS[mode]
}

export interface TypeCount {
  readonly type: (typeof TYPES)[number]
  readonly word: string
  readonly icon: Component
  readonly count: number
}

/** The most frequent first. */
export function typeCounts({ byType }: SafetyCounts): TypeCount[] {
  return TYPES.flatMap((type) => {
    const count = byType[type] ?? 0
    return count > 0 ? [{ type, ...TYPE_LOOK[type], count }] : []
  }).sort((a, b) => b.count - a.count)
}

/** With the records that have just been written. */
export function addRecords(counts: SafetyCounts, records: readonly SafetyRecord[]): SafetyCounts {
  const next = { ...counts }
  const byType: Record<string, number> = { ...counts.byType }
  for (const { kind, action, type, times = 1 } of records) {
    if (kind === 'unauthorised' || kind === 'injection') next[kind] += times
    if (kind !== 'private') continue
    next.found += times
    if (action === 'redacted' || action === 'blocked' || action === 'warned') next[action] += times
    byType[type] = (byType[type] ?? 0) + times
  }
  return { ...next, byType }
}
