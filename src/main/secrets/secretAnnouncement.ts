import type { Announcement } from '../../shared/domain/event.ts'
import type { SecretOperation } from '../../shared/domain/secret.ts'
import type { StoredSecret } from '../state/keptSecrets.ts'
import type { Requester } from './requester.ts'
import { maskedView } from './secretViews.ts'

const WHAT: Partial<Readonly<Record<SecretOperation, string>>> = {
  CREATE: 'was added',
  DELETE: 'was deleted',
  RESTORE: 'was taken back',
  ROLLBACK: 'was rolled back',
}

/** What everybody may hear of a change: the secret as it is now, masked. */
export function secretAnnouncement(secret: StoredSecret, operation: SecretOperation, by: Requester): Announcement<'secret.changed'> {
  return {
    name: 'secret.changed',
    agentId: null,
    severity: 'INFO',
    message: `The secret ${secret.name} (${secret.environment}) ${WHAT[operation] ?? 'has another value'}, by ${by.id}.`,
    payload: { secret: maskedView(secret) },
  }
}
