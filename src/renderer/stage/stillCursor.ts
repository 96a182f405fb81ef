import { onScopeDispose, watch } from 'vue'
import type { Timing } from '@/room/timing.ts'

const STILL_MS = 2_500
/** A hand that rests on a mouse moves it less. */
const TREMBLE_PX = 12

/** On stage the cursor is seen only while somebody means to move it. */
export function useStillCursor(isOn: () => boolean, timing: Timing): void {
  let rest: { readonly x: number; readonly y: number } | null = null
  let callOff: () => void = () => {}

  const hide = (isHidden: boolean): void => {
    if (isHidden) document.documentElement.dataset['cursor'] = 'hidden'
    else delete document.documentElement.dataset['cursor']
  }

  function onMove({ clientX: x, clientY: y }: PointerEvent): void {
    if (rest && Math.hypot(x - rest.x, y - rest.y) < TREMBLE_PX) return
    rest = null
    hide(false)
    callOff()
    callOff = timing.after(STILL_MS, () => {
      rest = { x, y }
      hide(true)
    })
  }

  function end(): void {
    callOff()
    rest = null
    hide(false)
    window.removeEventListener('pointermove', onMove)
  }

  watch(
    isOn,
    (is) => {
      if (!is) return end()
      window.addEventListener('pointermove', onMove)
    },
    { immediate: true },
  )
  onScopeDispose(end)
}
