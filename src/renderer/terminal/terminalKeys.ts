export type TerminalKey = 'search' | 'copy' | 'paste' | 'larger' | 'smaller' | 'usual' | 'hold' | 'leave'

/** What a key means to the room rather than to the agent; null when it is the agent's. */
export function roomKeyOf(event: KeyboardEvent, isMac: boolean): TerminalKey | null {
  if (event.type !== 'keydown') return null
  if (event.key === 'F6') return 'leave'
  if (event.key === 'ScrollLock') return 'hold'
  if (event.altKey) return null
  const isCommand = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
  if (!isCommand) return null
  const key = event.key.toLowerCase()
  if (key === 'f' && !event.shiftKey) return 'search'
  // Ctrl-C and Ctrl-V belong to the agent; a Mac has a key of its own for the room.
  if (key === 'c' && (isMac || event.shiftKey)) return 'copy'
  if (key === 'v' && (isMac || event.shiftKey)) return 'paste'
  if (key === '=' || key === '+') return 'larger'
  if (key === '-') return 'smaller'
  if (key === '0') return 'usual'
  return null
}
