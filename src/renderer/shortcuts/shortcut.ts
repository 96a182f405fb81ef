/** A key of the room: what it does, what it is called, and where it is heard. */
export interface Shortcut {
  readonly id: string
  readonly group: ShortcutGroup
  /** As they stand on the keyboard, together: `Ctrl` and `K`. */
  readonly keys: readonly string[]
  readonly words: string
  readonly isPressed: (event: KeyboardEvent) => boolean
  /**
   * `everywhere`: also in a dialog and in a terminal, whose agent does not get it. `room`: not there.
   * `plain`: a letter or a digit alone, which nobody types into something; can be turned off.
   */
  readonly reach: 'everywhere' | 'room' | 'plain'
  readonly isOffered?: () => boolean
  /** Where it is told of; everywhere unless it says otherwise. */
  readonly isListed?: () => boolean
  readonly act: () => void
  /** Goes on while its key is held down; all others happen once. */
  readonly isStep?: boolean
}

export const SHORTCUT_GROUPS = ['Everywhere', 'Panels', 'Agents', 'Terminal'] as const
export type ShortcutGroup = (typeof SHORTCUT_GROUPS)[number]

export const isMac = /mac/i.test(globalThis.navigator?.platform ?? '')
export const COMMAND_KEY = isMac ? '⌘' : 'Ctrl'

/** Ctrl, or ⌘ on a Mac, with a letter. */
export function isCommand(event: KeyboardEvent, letter: string, isShifted = false): boolean {
  const isHeld = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
  return isHeld && !event.altKey && event.shiftKey === isShifted && event.key.toLowerCase() === letter
}

/** A key without another; Shift may be what makes the sign. */
export const isAlone = (event: KeyboardEvent, key: string): boolean => !event.ctrlKey && !event.metaKey && !event.altKey && event.key === key

const isWithin = (event: KeyboardEvent, selector: string): boolean => event.target instanceof Element && event.target.closest(selector) !== null

function reaches(event: KeyboardEvent, reach: Shortcut['reach'], areSingleKeysOn: boolean): boolean {
  if (reach === 'everywhere') return true
  if (isWithin(event, '.xterm, [role="dialog"], [role="alertdialog"], [role="menu"]')) return false
  if (reach === 'room') return true
  return areSingleKeysOn && !isWithin(event, 'input, select, textarea, [contenteditable="true"]')
}

/** The one that is meant by a key, if any. */
export function meantBy(event: KeyboardEvent, shortcuts: readonly Shortcut[], areSingleKeysOn: boolean): Shortcut | null {
  if (event.isComposing) return null
  return shortcuts.find((one) => one.isPressed(event) && reaches(event, one.reach, areSingleKeysOn) && (one.isOffered?.() ?? true)) ?? null
}
