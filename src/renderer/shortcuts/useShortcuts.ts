import { onBeforeUnmount, onMounted } from 'vue'
import { meantBy, type Shortcut } from './shortcut.ts'

/** Hears the room's keys before a terminal or a browser does something of its own with them. */
export function useShortcuts(shortcuts: readonly Shortcut[], areSingleKeysOn: () => boolean): void {
  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented) return
    const meant = meantBy(event, shortcuts, areSingleKeysOn())
    if (!meant) return
    event.preventDefault()
    event.stopPropagation()
    if (!event.repeat || meant.isStep) meant.act()
  }
  onMounted(() => window.addEventListener('keydown', onKey, { capture: true }))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey, { capture: true }))
}
