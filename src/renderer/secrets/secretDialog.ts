import type { SecretId } from '../../shared/domain/secret.ts'

/** What can be opened from the secrets. */
export type SecretDialog =
  | { readonly kind: 'add' | 'import' | 'export' }
  /** Null where it is about all of them. */
  | { readonly kind: 'audit'; readonly name: string | null }
  | { readonly kind: 'edit' | 'delete' | 'history'; readonly secretId: SecretId }
