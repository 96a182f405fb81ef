import { computed, onScopeDispose, shallowRef, type ComputedRef, type Ref } from 'vue'

const USUAL_REM = 16
/** A terminal's type is small beside its neighbours'. */
const LARGER = 1.15

const rem = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || USUAL_REM

/** On stage a terminal's type grows as the page's does (styles.css). */
export function useStageType(fontSize: Readonly<Ref<number>>, isOnStage: () => boolean): ComputedRef<number> {
  const width = shallowRef(window.innerWidth)
  const follow = (): void => {
    width.value = window.innerWidth
  }
  window.addEventListener('resize', follow)
  onScopeDispose(() => window.removeEventListener('resize', follow))
  return computed(() => (isOnStage() && width.value > 0 ? Math.round((fontSize.value * LARGER * rem()) / USUAL_REM) : fontSize.value))
}
