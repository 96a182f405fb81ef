import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { THEME_CHOICES, wearTheme, type Theme, type ThemeChoice } from '@/appearance/look.ts'

const KEPT_AT = 'iron-cage.theme'

function readKept(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEPT_AT)
    return THEME_CHOICES.find((choice) => choice === kept) ?? 'system'
  } catch {
    return 'system'
  }
}

/** Dark or light; remembered by this browser. */
export const useAppearanceStore = defineStore('appearance', () => {
  const choice = shallowRef<ThemeChoice>(readKept())
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  const system = shallowRef<Theme>(query.matches ? 'dark' : 'light')
  const theme = computed((): Theme => (choice.value === 'system' ? system.value : choice.value))

  const follow = (): void => {
    system.value = query.matches ? 'dark' : 'light'
  }
  query.addEventListener('change', follow)
  onScopeDispose(() => query.removeEventListener('change', follow))
  // At once, before anything is painted.
  watch(theme, wearTheme, { immediate: true, flush: 'sync' })

  function choose(next: ThemeChoice): void {
    choice.value = next
    try {
      localStorage.setItem(KEPT_AT, next)
    } catch {
      // It is as the system says again next time.
    }
  }

  return { choice, theme, choose }
})
