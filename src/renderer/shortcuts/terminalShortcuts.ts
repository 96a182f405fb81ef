import { COMMAND_KEY, isMac, type Shortcut } from './shortcut.ts'

/** Heard by a terminal itself (terminal/terminalKeys.ts); told here with the others. */
export const TERMINAL_SHORTCUTS: readonly Pick<Shortcut, 'id' | 'keys' | 'words' | 'group'>[] = [
  { id: 'terminal-search', group: 'Terminal', keys: [COMMAND_KEY, 'F'], words: 'Search' },
  { id: 'terminal-copy', group: 'Terminal', keys: isMac ? ['⌘', 'C'] : ['Ctrl', 'Shift', 'C'], words: 'Copy what is selected' },
  { id: 'terminal-paste', group: 'Terminal', keys: isMac ? ['⌘', 'V'] : ['Ctrl', 'Shift', 'V'], words: 'Paste' },
  { id: 'terminal-hold', group: 'Terminal', keys: ['Scroll Lock'], words: 'Hold the view, or follow the output again' },
  { id: 'terminal-larger', group: 'Terminal', keys: [COMMAND_KEY, '+'], words: 'Larger type' },
  { id: 'terminal-smaller', group: 'Terminal', keys: [COMMAND_KEY, '−'], words: 'Smaller type' },
  { id: 'terminal-usual', group: 'Terminal', keys: [COMMAND_KEY, '0'], words: 'Usual type' },
]
