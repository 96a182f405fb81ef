import type { RotationOutcome, SecretDelivery, SecretOperation } from '../../shared/domain/secret.ts'
import type { Tone } from '@/lib/tones.ts'

export const DELIVERY_WORDS: Record<SecretDelivery, { readonly word: string; readonly explanation: string }> = {
  value: { word: 'The value itself', explanation: 'The agent has it as an environment variable.' },
  sealed: { word: 'Sealed', explanation: 'The agent gets a placeholder; the gateway puts the value in, for these hosts only.' },
}

interface OutcomeLook {
  readonly word: string
  readonly explanation: string
  readonly tone: Tone
}

export const OUTCOME_LOOK: Record<RotationOutcome, OutcomeLook> = {
  applied: { word: 'Has it', explanation: 'It said that it works with the new value.', tone: 'good' },
  told: { word: 'Told', explanation: 'It was told and has not answered; the gateway sends the new value for it.', tone: 'info' },
  swapped: { word: 'Exchanged on the way', explanation: 'The gateway sends the new value in place of the old one.', tone: 'good' },
  'at-restart': { word: 'At its next start', explanation: 'It cannot be told; until it starts again it has the old value.', tone: 'caution' },
}

const ON_ITS_WAY: OutcomeLook = { word: 'On its way', explanation: 'It is being told.', tone: 'calm' }

export const outcomeLook = (outcome: RotationOutcome | null): OutcomeLook => (outcome === null ? ON_ITS_WAY : OUTCOME_LOOK[outcome])

export const OPERATION_WORDS: Record<SecretOperation, string> = {
  CREATE: 'Added',
  READ: 'Read',
  REVEAL: 'Revealed',
  UPDATE: 'New value',
  DELETE: 'Deleted',
  RESTORE: 'Restored',
  PURGE: 'Purged',
  ROTATE: 'Rotated',
  ROLLBACK: 'Rolled back',
  INJECT: 'Given to a run',
  DENY: 'Refused',
  EXPORT: 'Exported',
  IMPORT: 'Imported',
  REKEY: 'Key changed',
}
