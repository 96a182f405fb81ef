import type { SafetyRecord } from '../../shared/domain/safety.ts'

/** What can be opened from the Protection tab; a finding has a place of its own in the store. */
export type SafetyDialog =
  | { readonly kind: 'rules' | 'allowances' | 'try' }
  /** Null where it is about no finding. */
  | { readonly kind: 'not-private'; readonly record: SafetyRecord | null }
