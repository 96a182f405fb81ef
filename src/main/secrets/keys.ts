/** Keys that are derived from the master key, one for each purpose. */
export interface Keys {
  /** Where the master key came from; null where there is none, and so nothing can be kept encrypted. */
  readonly source: 'environment' | 'keychain' | 'file' | null
  /** 32 bytes, always the same for a purpose; null where there is no master key. */
  derive(purpose: string): Buffer | null
}
