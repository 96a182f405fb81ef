/** The operating system's keychain, as far as we need it. */
export interface Keychain {
  /** The master key in hexadecimal, made there the first time; null where no keychain answers in time. Never rejects. */
  masterKey(): Promise<string | null>
}
