import { BellOff, Eye, EyeOff, FileCode, FolderOpen, Keyboard, KeyRound, LogOut, Monitor, MonitorUp, Moon, Play, RotateCw, Settings, Square, Sun, Trash, Undo2, Wallet } from '@lucide/vue'
import { computed, type Component, type ComputedRef } from 'vue'
import { isSettled } from '../../shared/domain/agentStatus.ts'
import { isAttached } from '../../shared/domain/attached.ts'
import { STATUS_LOOK } from '@/agents/statusLook.ts'
import { THEME_CHOICES, THEME_WORDS, type ThemeChoice } from '@/appearance/look.ts'
import { budgetNotice } from '@/cost/budgetNotice.ts'
import { PANEL_LOOK, PANELS, type PanelName } from '@/desk/panelNames.ts'
import type { Shortcut } from '@/shortcuts/shortcut.ts'
import { useAgentsStore } from '@/stores/agents.ts'
import { useAppearanceStore } from '@/stores/appearance.ts'
import { useBudgetsStore } from '@/stores/budgets.ts'
import { useDemoStore } from '@/stores/demo.ts'
import { useLaunchStore } from '@/stores/launch.ts'
import { useNoticesStore } from '@/stores/notices.ts'
import { usePanelsStore } from '@/stores/panels.ts'
import { useRoomStore } from '@/stores/room.ts'
import { useRoomPlaceStore } from '@/stores/roomPlace.ts'
import { useShortcutsStore } from '@/stores/shortcuts.ts'
import { useStageModeStore } from '@/stores/stageMode.ts'
import { useUndoStore } from '@/stores/undo.ts'
import type { PaletteEntry } from './paletteEntry.ts'

const THEME_ICON: Readonly<Record<ThemeChoice, Component>> = { system: Monitor, light: Sun, dark: Moon }

/** What people call a panel who do not know its name. */
const ALSO: Readonly<Record<PanelName, string>> = {
  live: 'status progress leads',
  cost: 'budget money spend requests receipts calls',
  protection: 'safety PII privacy findings injection rules',
  performance: 'latency throughput services breakers cache uptime',
  log: 'events search',
  notices: 'alerts',
  secrets: 'keys environment',
}

export interface PaletteDeeds {
  readonly openFile: () => void
  readonly focusPanel: (name: PanelName) => void
}

/** Everything that can be found and done at this moment, by whoever is asking. */
export function usePaletteEntries(shortcuts: readonly Shortcut[], { openFile, focusPanel }: PaletteDeeds): ComputedRef<readonly PaletteEntry[]> {
  const agents = useAgentsStore()
  const appearance = useAppearanceStore()
  const budgets = useBudgetsStore()
  const demo = useDemoStore()
  const launch = useLaunchStore()
  const notices = useNoticesStore()
  const panels = usePanelsStore()
  const room = useRoomStore()
  const place = useRoomPlaceStore()
  const keys = useShortcutsStore()
  const stageMode = useStageModeStore()
  const undo = useUndoStore()

  const keysOf = (id: string): { keys?: readonly string[] } => {
    const keys = shortcuts.find((one) => one.id === id)?.keys
    return keys ? { keys } : {}
  }

  const agentEntries = (): PaletteEntry[] =>
    agents.agents.map((agent) => ({
      id: `agent-${agent.id}`,
      group: 'Agents',
      words: agent.plan.name,
      icon: STATUS_LOOK[agent.status].icon,
      detail: `${STATUS_LOOK[agent.status].word} · ${agent.id}`,
      act() {
        agents.select(agent.id)
        place.place = 'agents'
      },
    }))

  const panelEntries = (): PaletteEntry[] =>
    agents.selected === null
      ? []
      : PANELS.map((name) => ({
          id: `panel-${name}`,
          group: 'Panels',
          words: PANEL_LOOK[name].title,
          icon: PANEL_LOOK[name].icon,
          also: ALSO[name],
          ...keysOf(`panel-${name}`),
          act() {
            place.place = 'agents'
            panels.enlarge(name)
            focusPanel(name)
          },
        }))

  function deeds(): PaletteEntry[] {
    const agent = agents.selected
    if (!agent || !room.isAdmin || !room.isOpen) return []
    const { name } = agent.plan
    const budget = budgets.selected
    const entries: (PaletteEntry | false)[] = [
      !isSettled(agent.status) && agent.status !== 'stopping' && { id: 'stop', group: 'Actions', words: `Stop ${name}`, icon: Square, also: 'end kill', act: () => void agents.act('agent.stop', agent.id) },
      !isAttached(agent.plan) && agent.status !== 'stopping' && { id: 'restart', group: 'Actions', words: `Restart ${name}`, icon: RotateCw, also: 'start again', act: () => agents.restart(agent.id) },
      isSettled(agent.status) && { id: 'remove', group: 'Actions', words: `Remove ${name} from the list`, icon: Trash, also: 'delete', act: () => agents.remove(agent.id) },
      budget !== null && budgetNotice(budget, agent.status) !== null && { id: 'raise', group: 'Actions', words: `Approve a budget increase for ${name}`, icon: Wallet, also: 'raise limit', act: () => budgets.ask('raise') },
    ]
    return entries.filter((entry) => entry !== false)
  }

  function launchEntries(): PaletteEntry[] {
    if (!room.isAdmin || !room.isOpen) return []
    return [
      { id: 'open', group: 'Actions', words: 'Open a script…', icon: FolderOpen, also: 'start run launch file', ...keysOf('open'), act: openFile },
      { id: 'demo', group: 'Actions', words: 'Run the demo…', icon: Play, also: 'example try', act: () => void demo.openCard() },
      ...(demo.hasRun ? [{ id: 'demo-strip', group: 'Actions', words: demo.isHidden ? 'Show the presenter’s strip' : 'Hide the presenter’s strip', icon: demo.isHidden ? Eye : EyeOff, also: 'demo stage', ...keysOf('demo-strip'), act: demo.toggleStrip }] : []),
      // As in the head of the room: an audience need not read where they lie.
      ...(stageMode.isOn ? [] : launch.recent)
        .filter(({ exists }) => exists)
        .map(({ script, name }) => ({ id: `recent-${script}`, group: 'Start again', words: name, detail: script, icon: FileCode, also: 'recent run launch', act: () => void launch.open(script) })),
    ]
  }

  function roomEntries(): PaletteEntry[] {
    const entries: (PaletteEntry | false)[] = [
      undo.offered !== null && { id: 'undo', group: 'Actions', words: 'Undo', detail: undo.offered.sentence, icon: Undo2, ...keysOf('undo'), act: () => void undo.undo() },
      { id: 'secrets', group: 'Room', words: 'Secrets of the room', icon: KeyRound, act: () => (place.place = 'secrets') },
      room.isAdmin && !stageMode.isOn && { id: 'settings', group: 'Room', words: 'Settings', icon: Settings, also: 'preferences configuration providers prices alerts retention allow-lists', ...keysOf('settings'), act: () => (place.place = 'settings') },
      { id: 'stage', group: 'Room', words: stageMode.isOn ? 'Leave the stage' : 'Go on stage', icon: MonitorUp, also: 'presentation projector full screen', ...keysOf('stage'), act: () => void stageMode.toggle() },
      { id: 'keys', group: 'Room', words: 'Show the keys', icon: Keyboard, also: 'shortcuts help', ...keysOf('keys'), act: () => keys.toggle('keys') },
      notices.unread > 0 && { id: 'read', group: 'Room', words: 'Mark all notifications as read', icon: BellOff, act: notices.readAll },
      room.hasSession && room.isOpen && !stageMode.isOn && { id: 'sign-out', group: 'Room', words: 'Sign out', icon: LogOut, act: () => void room.signOut() },
    ]
    return entries.filter((entry) => entry !== false)
  }

  const themeEntries = (): PaletteEntry[] =>
    THEME_CHOICES.map((choice) => ({
      id: `theme-${choice}`,
      group: 'Appearance',
      words: `Theme: ${THEME_WORDS[choice]}`,
      icon: THEME_ICON[choice],
      also: 'colours mode',
      ...(appearance.choice === choice ? { detail: 'now' } : {}),
      act: () => appearance.choose(choice),
    }))

  return computed(() => [...agentEntries(), ...deeds(), ...launchEntries(), ...panelEntries(), ...roomEntries(), ...themeEntries()])
}
