import type { SecretView } from '../../shared/domain/secret.ts'
import type { StoredSecret } from '../state/keptSecrets.ts'

/** Made ten thousand times for a list: what most have in common is made once. */
export function maskedView(secret: StoredSecret): SecretView {
  const { id, name, environment, version, delivery, hosts, masked, createdAt, updatedAt, deletedAt } = secret
  const created = isoOf(createdAt)
  return {
    id,
    name,
    environment,
    value: masked,
    is_masked: true,
    version,
    delivery,
    hosts: [...hosts],
    created_at: created,
    updated_at: updatedAt === createdAt ? created : isoOf(updatedAt),
    deleted_at: deletedAt === null ? null : isoOf(deletedAt),
  }
}

export function wholeView(secret: StoredSecret, value: string): SecretView {
  return { ...maskedView(secret), value, is_masked: false }
}

export function isoOf(millis: number): string {
  return new Date(millis).toISOString()
}
