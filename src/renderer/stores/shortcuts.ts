import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

const KEPT_AT = 'iron-cage.single-keys'

function readKept(): boolean {
  try {
    return localStorage.getItem(KEPT_AT) !== 'off'
  } catch {
    return true
  }
}

/** What stands in front of the room to help its keyboard, and whether single keys are heard; remembered by this browser. */
export const useShortcutsStore = defineStore('shortcuts', () => {
  const areSingleKeysOn = shallowRef(readKept())
  const shown = shallowRef<'palette' | 'keys' | null>(null)

  function setSingleKeys(are: boolean): void {
    areSingleKeysOn.value = are
    try {
      localStorage.setItem(KEPT_AT, are ? 'on' : 'off')
    } catch {
      // They are heard again next time.
    }
  }

  const toggle = (which: 'palette' | 'keys'): void => {
    shown.value = shown.value === which ? null : which
  }

  return { areSingleKeysOn, setSingleKeys, shown, toggle, hide: () => (shown.value = null) }
})
