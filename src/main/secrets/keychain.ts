/** The operating system's keychain, as far as we need it. */
export interface Keychain {
  /** The master key in hexadecimal; null where no keychain answers in time. Never rejects. Made there the first time, unless it shall not be. */
  masterKey(isMade?: boolean): Promise<string | null>
  /** Puts another in its place; gives whether it could be read back. Never rejects. */
  replace(key: string): Promise<boolean>
}
