import { keyOf, PANEL_LOOK, PANELS, type PanelName } from '@/desk/panelNames.ts'
import { useAgentsStore } from '@/stores/agents.ts'
import { useDemoStore } from '@/stores/demo.ts'
import { usePanelsStore } from '@/stores/panels.ts'
import { useRoomStore } from '@/stores/room.ts'
import { useRoomPlaceStore } from '@/stores/roomPlace.ts'
import { useShortcutsStore } from '@/stores/shortcuts.ts'
import { useStageModeStore } from '@/stores/stageMode.ts'
import { useUndoStore } from '@/stores/undo.ts'
import { COMMAND_KEY, isAlone, isCommand, isMac, type Shortcut } from './shortcut.ts'

export interface RoomKeys {
  /** Something in front of the room has to be answered first. */
  readonly isAsked: () => boolean
  readonly canOpen: () => boolean
  readonly openFile: () => void
  readonly nextRegion: (isBackwards: boolean) => void
  /** Brings the focus into a panel that has just come into sight. */
  readonly focusPanel: (name: PanelName) => void
}

/** Every key of the room, once: what is heard, and what the list of keys and the palette say. */
export function useRoomShortcuts(room: RoomKeys): readonly Shortcut[] {
  const agents = useAgentsStore()
  const demo = useDemoStore()
  const panels = usePanelsStore()
  const place = useRoomPlaceStore()
  const identity = useRoomStore()
  const shortcuts = useShortcutsStore()
  const stageMode = useStageModeStore()
  const undo = useUndoStore()

  const hasAgent = (): boolean => agents.selected !== null

  function turnTo(name: PanelName): void {
    const isThere = place.place === 'agents' && panels.large === name
    place.place = 'agents'
    if (isThere) panels.shrink()
    else panels.enlarge(name)
    room.focusPanel(name)
  }

  function step(by: number): void {
    const { agents: all, selected } = agents
    const index = all.findIndex(({ id }) => id === selected?.id)
    const next = all[(index + by + all.length) % all.length]
    if (next) agents.select(next.id)
    place.place = 'agents'
  }

  const palette = { group: 'Everywhere', words: 'Find an agent, a panel or an action', act: () => shortcuts.toggle('palette'), isOffered: () => !room.isAsked() } as const

  return [
    // Ctrl-K cuts a line in a terminal; there the other one is the room's.
    { ...palette, id: 'palette', keys: [COMMAND_KEY, 'K'], isPressed: (event) => isCommand(event, 'k'), reach: isMac ? 'everywhere' : 'room' },
    { ...palette, id: 'palette-anywhere', words: 'The same, also from a terminal', keys: [COMMAND_KEY, 'Shift', 'P'], isPressed: (event) => isCommand(event, 'p', true), reach: 'everywhere' },
    { id: 'keys', group: 'Everywhere', keys: ['?'], words: 'Show the keys', isPressed: (event) => isAlone(event, '?'), reach: 'plain', act: () => shortcuts.toggle('keys') },
    { id: 'stage', group: 'Everywhere', keys: ['F11'], words: 'Stage mode on or off', isPressed: (event) => isAlone(event, 'F11'), reach: 'everywhere', isOffered: () => !room.isAsked(), act: () => void stageMode.toggle() },
    { id: 'regions', group: 'Everywhere', keys: ['F6'], words: 'To the next part of the room, out of a terminal too', isPressed: (event) => isAlone(event, 'F6') && !event.shiftKey, reach: 'everywhere', isOffered: () => !room.isAsked(), act: () => room.nextRegion(false), isStep: true },
    { id: 'regions-back', group: 'Everywhere', keys: ['Shift', 'F6'], words: 'To the part before', isPressed: (event) => isAlone(event, 'F6') && event.shiftKey, reach: 'everywhere', isOffered: () => !room.isAsked(), act: () => room.nextRegion(true), isStep: true },
    { id: 'open', group: 'Everywhere', keys: [COMMAND_KEY, 'O'], words: 'Open a script', isPressed: (event) => isCommand(event, 'o'), reach: 'room', isOffered: room.canOpen, act: room.openFile },
    { id: 'settings', group: 'Everywhere', keys: [COMMAND_KEY, ','], words: 'Settings', isPressed: (event) => isCommand(event, ','), reach: 'room', isOffered: () => identity.isAdmin && !stageMode.isOn && !room.isAsked(), act: () => (place.place = place.place === 'settings' ? 'agents' : 'settings') },
    { id: 'demo-strip', group: 'Everywhere', keys: ['F9'], words: 'The presenter’s strip of the demo, shown or hidden', isPressed: (event) => isAlone(event, 'F9'), reach: 'everywhere', isOffered: () => demo.hasRun && !room.isAsked(), isListed: () => identity.isAdmin, act: demo.toggleStrip },
    { id: 'undo', group: 'Everywhere', keys: [COMMAND_KEY, 'Z'], words: 'Undo what has just been done', isPressed: (event) => isCommand(event, 'z') && !isTyping(event), reach: 'room', isOffered: () => undo.offered !== null, act: () => void undo.undo() },
    ...PANELS.map(
      (name): Shortcut => ({
        id: `panel-${name}`,
        group: 'Panels',
        keys: [keyOf(name)],
        words: `${PANEL_LOOK[name].title}, large or back`,
        isPressed: (event) => isAlone(event, keyOf(name)),
        reach: 'plain',
        isOffered: hasAgent,
        act: () => turnTo(name),
      }),
    ),
    { id: 'shrink', group: 'Panels', keys: ['Esc'], words: 'Back to all panels', isPressed: (event) => isAlone(event, 'Escape') && !isSearching(event), reach: 'room', isOffered: () => panels.large !== null, act: panels.shrink },
    { id: 'agent-next', group: 'Agents', keys: ['Alt', '↓'], words: 'The next agent of the list', isPressed: (event) => isAltArrow(event, 'ArrowDown'), reach: 'room', isOffered: () => agents.agents.length > 1, act: () => step(1), isStep: true },
    { id: 'agent-previous', group: 'Agents', keys: ['Alt', '↑'], words: 'The agent before', isPressed: (event) => isAltArrow(event, 'ArrowUp'), reach: 'room', isOffered: () => agents.agents.length > 1, act: () => step(-1), isStep: true },
  ]
}

/** In a field it opens its choices, or moves in what is written. */
const isAltArrow = (event: KeyboardEvent, key: string): boolean => event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.key === key && !isTyping(event) && !(event.target instanceof HTMLSelectElement)
/** There Escape takes back what was typed, or ends a search of the terminal. */
const isSearching = (event: KeyboardEvent): boolean => {
  const { target } = event
  if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return false
  return target.value !== '' || target.closest('form[role="search"]') !== null
}
/** There it takes back what was typed. */
const isTyping = (event: KeyboardEvent): boolean => event.target instanceof Element && event.target.closest('input, textarea, [contenteditable="true"]') !== null
