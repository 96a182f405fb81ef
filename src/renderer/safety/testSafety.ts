import type { SafetyStatus } from '../../shared/contract/safety.ts'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { EventName, EventOf, EventPayload } from '../../shared/domain/event.ts'
import type { Allowance, EffectiveRules, SafetyCounts, SafetyRecord } from '../../shared/domain/safety.ts'
import type { CellMode, SafetyRules } from '../../shared/domain/safetyRules.ts'
import { cellsOf, SILENT_LAYER } from './ruleLayers.ts'

/** Invented findings and rules for specs. */

export const findingId = (place: number): string => `find-${place.toString(16).padStart(16, '0')}`

export function sampleRecord(changes: Partial<SafetyRecord> = {}): SafetyRecord {
  return {
    id: findingId(1),
    at: 1_000,
    kind: 'private',
    agentId: 'lg-7a3f9c2d',
    callId: 'call-00000000000000aa',
    type: 'email',
    severity: 'CRITICAL',
    direction: 'to-model',
    place: 'messages[0].content',
    action: 'redacted',
    valueHash: 'ab'.repeat(32),
    preview: 'Contact [EMAIL_REDACTED] today',
    hasOriginal: true,
    about: null,
    actor: null,
    reason: null,
    ...changes,
  }
}

export function sampleCounts(changes: Partial<SafetyCounts> = {}): SafetyCounts {
  return { found: 0, redacted: 0, blocked: 0, warned: 0, unauthorised: 0, injection: 0, byType: {}, ...changes }
}

export function layer(changes: Partial<SafetyRules> = {}): SafetyRules {
  return { ...SILENT_LAYER, ...changes }
}

export function sampleRules(changes: Partial<SafetyRules> & { cell?: CellMode } = {}): EffectiveRules {
  const own = layer(changes)
  return {
    mode: own.mode ?? 'redact',
    cells: cellsOf({ agent: own, room: SILENT_LAYER, launch: SILENT_LAYER }),
    unauthorised: own.unauthorised ?? 'refuse',
    injection: own.injection ?? 'warn',
  }
}

export function sampleStatus(changes: Partial<SafetyStatus> = {}): SafetyStatus {
  return { agentId: 'lg-7a3f9c2d', rules: sampleRules(), override: SILENT_LAYER, counts: sampleCounts(), ...changes }
}

export function sampleAllowance(changes: Partial<Allowance> = {}): Allowance {
  return { id: 'allow-1', agentId: null, kind: 'domain', value: '@company.example', actor: 'ada', at: 1_000, ...changes }
}

export function safetyEvent<N extends EventName>(seq: number, name: N, payload: EventPayload<N>, agentId: AgentId | null = 'lg-7a3f9c2d'): EventOf<N> {
  return { seq, at: seq, severity: 'WARN', agentId, message: `${name}.`, name, payload } as EventOf<N>
}

export const recorded = (seq: number, ...records: SafetyRecord[]): EventOf<'safety.recorded'> =>
  safetyEvent(seq, 'safety.recorded', { records }, records[0]?.agentId ?? null)
