import { onScopeDispose, readonly, shallowRef, type ShallowRef } from 'vue'
import type { Timing } from '@/room/timing.ts'

export const SHOWN_FOR_MS = 30_000
const LOOK_EVERY_MS = 1_000

export interface Fleeting {
  readonly text: Readonly<ShallowRef<string | null>>
  /** When it goes by itself; null while nothing is shown. */
  readonly until: Readonly<ShallowRef<number | null>>
  show(text: string): void
  hide(): void
}

/** A text that goes after half a minute, when the window is left, and with whatever shows it. */
export function useFleeting(timing: Timing, page: EventTarget): Fleeting {
  const text = shallowRef<string | null>(null)
  const until = shallowRef<number | null>(null)
  let callOff: () => void = () => {}

  function hide(): void {
    callOff()
    text.value = null
    until.value = null
  }

  function show(shown: string): void {
    callOff()
    const end = timing.now() + SHOWN_FOR_MS
    text.value = shown
    until.value = end
    const stopTimer = timing.after(SHOWN_FOR_MS, hide)
    let stopLooking = (): void => {}
    // Timers stand still while the machine sleeps.
    const look = (): void => {
      stopLooking = timing.after(LOOK_EVERY_MS, () => (timing.now() >= end ? hide() : look()))
    }
    look()
    callOff = () => {
      stopTimer()
      stopLooking()
    }
  }

  page.addEventListener('blur', hide)
  onScopeDispose(() => {
    page.removeEventListener('blur', hide)
    hide()
  })

  return { text: readonly(text), until: readonly(until), show, hide }
}

/** The page's clock may be a second behind. */
export function secondsUntil(until: number, now: number): number {
  return Math.min(SHOWN_FOR_MS / 1_000, Math.max(0, Math.ceil((until - now) / 1_000)))
}
