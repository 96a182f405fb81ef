/**
 * `empty`: it is open and holds no key of ours. `absent`: there is none on this machine. `locked`: it waits to be unlocked. `refused`: it
 * answered, and gives nothing. `silent`: it did not answer in time. `foreign`: what it holds under our name is no master key.
 */
export type KeychainSilence = 'empty' | 'absent' | 'locked' | 'refused' | 'silent' | 'foreign'

export type KeychainAnswer = { readonly key: string } | { readonly without: KeychainSilence }

/** The operating system's keychain, as far as we need it. */
export interface Keychain {
  /** The master key in hexadecimal, made there where there is none and it shall be. Never rejects. */
  masterKey(isMade: boolean): Promise<KeychainAnswer>
  /** Puts another in its place; gives whether it could be read back. Never rejects. */
  replace(key: string): Promise<boolean>
}
