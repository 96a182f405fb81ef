import type { AgentId } from '../../shared/domain/agent.ts'
import type { Event, EventPayload } from '../../shared/domain/event.ts'
import type { RotationOutcome, SecretAuditEntry, SecretView } from '../../shared/domain/secret.ts'
import type { KeyStatus } from '@/stores/keys.ts'
import type { StageStatus } from '@/stores/stage.ts'

/** Invented secrets for specs. */

export const secretId = (place: number): string => `secret-${place.toString(16).padStart(12, '0')}`

export function sampleSecret(changes: Partial<SecretView> = {}): SecretView {
  return {
    id: secretId(1),
    name: 'OPENAI_API_KEY',
    environment: 'production',
    value: 'sk-proj-inv...xyz',
    is_masked: true,
    version: 1,
    delivery: 'value',
    hosts: [],
    created_at: '2026-11-20T08:00:00.000Z',
    updated_at: '2026-11-20T08:00:00.000Z',
    deleted_at: null,
    ...changes,
  }
}

export function sampleEntry(changes: Partial<SecretAuditEntry> = {}): SecretAuditEntry {
  return {
    id: 1,
    secret_name: 'OPENAI_API_KEY',
    operation: 'CREATE',
    requester_role: 'admin',
    requester: 'ada',
    agent_id: null,
    success: true,
    error_message: null,
    timestamp: '2026-11-20T08:00:00.000Z',
    ...changes,
  }
}

export function sampleKeys(changes: Partial<KeyStatus> = {}): KeyStatus {
  return { state: 'open', source: 'environment', sentence: null, ways: { keychain: false, passphrase: false }, ...changes }
}

export function sampleStage(changes: Partial<StageStatus> = {}): StageStatus {
  return { locked: false, lockedBy: null, lockedAt: null, canUnlock: true, needsPassword: true, opensWith: null, ...changes }
}

export function secretChanged(seq: number, secret: SecretView): Event {
  return { seq, at: seq, severity: 'INFO', agentId: null, message: `The secret ${secret.name} has changed.`, name: 'secret.changed', payload: { secret } }
}

export function secretRotated(seq: number, changes: Partial<EventPayload<'secret.rotated'>> = {}): Event {
  const payload = { secretId: secretId(1), name: 'OPENAI_API_KEY', version: 2, agents: [], ...changes }
  return { seq, at: seq, severity: 'INFO', agentId: null, message: 'OPENAI_API_KEY has rotated.', name: 'secret.rotated', payload }
}

export function secretRotating(seq: number, agentIds: AgentId[], version = 2): Event {
  const payload = { secretId: secretId(1), name: 'OPENAI_API_KEY', version, agentIds }
  return { seq, at: seq, severity: 'DEBUG', agentId: null, message: 'OPENAI_API_KEY is on its way.', name: 'secret.rotating', payload }
}

export function secretReached(seq: number, agentId: AgentId, outcome: RotationOutcome, version = 2): Event {
  const payload = { secretId: secretId(1), name: 'OPENAI_API_KEY', version, outcome }
  return { seq, at: seq, severity: 'DEBUG', agentId, message: 'It was reached.', name: 'secret.reachedAgent', payload }
}

export function stageChanged(seq: number, stage: EventPayload<'stage.changed'>['stage']): Event {
  return { seq, at: seq, severity: 'INFO', agentId: null, message: 'The stage has changed.', name: 'stage.changed', payload: { stage } }
}

export function keysChanged(seq: number, payload: EventPayload<'keys.changed'>): Event {
  return { seq, at: seq, severity: 'INFO', agentId: null, message: 'The master key is there now.', name: 'keys.changed', payload }
}
