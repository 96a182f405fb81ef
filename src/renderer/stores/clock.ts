import { defineStore } from 'pinia'
import { onScopeDispose, readonly, shallowRef } from 'vue'

/** The page's one ticking clock. */
export const useClockStore = defineStore('clock', () => {
  const now = shallowRef(Date.now())
  let timer = 0

  /** On the whole second, so that every figure on the page moves at once. */
  function tick(): void {
    now.value = Date.now()
    timer = window.setTimeout(tick, 1_000 - (now.value % 1_000))
  }
  tick()
  onScopeDispose(() => window.clearTimeout(timer))

  return { now: readonly(now) }
})
