import type { KeyState } from '../../../shared/domain/keys.ts'

/** What is the matter, in a headline; the room's own sentence stands below it. */
export const KEY_TITLES: Record<Exclude<KeyState, 'open'>, string> = {
  missing: 'Secrets need a master key',
  locked: 'The master key is locked',
  'other-key': 'This is another master key',
  damaged: 'What the master key opens is damaged',
}

export const SHORTEST_PASSPHRASE = 12
