import type { Kind } from './kinds.ts'

export type SettingsFileKind = 'agent file' | 'user settings'

export interface Setting<T> {
  readonly kind: Kind<T>
  readonly fallback: T
  /** One line on what it does, for help, `config --explain` and the documentation. */
  readonly summary: string
  /** Whom it is about: one agent, or the room in which all of them run. */
  readonly of: 'agent' | 'room'
  /** `budget` is written `--budget`; null where a flag makes no sense. */
  readonly flag: string | null
  /** The environment variable, or null. */
  readonly variable: string | null
  /** In which files it may stand. */
  readonly files: readonly SettingsFileKind[]
  /** Of the room's: whether it is looked at when the room opens, and not again. */
  readonly needsRestart?: true
}

export const EVERY_FILE = ['agent file', 'user settings'] as const
export const AGENT_FILE = ['agent file'] as const
export const USER_SETTINGS = ['user settings'] as const

export function setting<T>(entry: Setting<T>): Setting<T> {
  return entry
}
