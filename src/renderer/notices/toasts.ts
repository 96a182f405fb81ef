import { computed, shallowRef, type ComputedRef } from 'vue'
import type { Timing } from '@/room/timing.ts'

/** More than three at once hide the room. */
const MOST_TOASTS = 3

interface Toast {
  readonly id: number
  /** What is left of its time; null is until somebody closes it. */
  readonly leftMs: number | null
}

/** What stands in front of the room, and for how long. Time passes only for what is in sight, and not while somebody reads. */
export interface Toasts {
  /** Those in sight, at most three: first what stays, then the newest. */
  readonly shown: ComputedRef<readonly number[]>
  /** How many more wait behind them. */
  readonly waiting: ComputedRef<number>
  isUp(id: number): boolean
  /** What stands there already stays in its place, and its time begins anew. */
  show(id: number, lifeMs: number | null): void
  take(ids: readonly number[]): void
  /** Somebody has the pointer or the focus on them. */
  hold(): void
  release(): void
  stop(): void
}

export function createToasts(timing: Timing, onGone: (id: number) => void = () => {}): Toasts {
  /** Newest first. */
  const up = shallowRef<readonly Toast[]>([])
  const inOrder = computed(() => [...up.value.filter(({ leftMs }) => leftMs === null), ...up.value.filter(({ leftMs }) => leftMs !== null)])
  const shown = computed(() => inOrder.value.slice(0, MOST_TOASTS).map(({ id }) => id))
  const waiting = computed(() => Math.max(0, up.value.length - MOST_TOASTS))
  let isHeld = false
  let since: number | null = null
  let callOff: () => void = () => {}

  /** Takes the time that has passed off those in sight. */
  function halt(): void {
    callOff()
    if (since === null) return
    // The clock may have been set back.
    const passed = Math.max(0, timing.now() - since)
    since = null
    up.value = up.value.map((toast) => (toast.leftMs !== null && shown.value.includes(toast.id) ? { ...toast, leftMs: toast.leftMs - passed } : toast))
  }

  function goOn(): void {
    const times = inOrder.value.slice(0, MOST_TOASTS).flatMap(({ leftMs }) => leftMs ?? [])
    if (isHeld || times.length === 0) return
    since = timing.now()
    callOff = timing.after(Math.max(0, Math.min(...times)), () => {
      halt()
      const over = up.value.filter(({ leftMs }) => leftMs !== null && leftMs <= 0).map(({ id }) => id)
      remove(over)
      goOn()
    })
  }

  function remove(ids: readonly number[]): void {
    const gone = up.value.filter(({ id }) => ids.includes(id))
    if (gone.length === 0) return
    up.value = up.value.filter(({ id }) => !ids.includes(id))
    for (const { id } of gone) onGone(id)
  }

  const isUp = (id: number): boolean => up.value.some((toast) => toast.id === id)

  return {
    shown,
    waiting,
    isUp,
    show(id, lifeMs) {
      halt()
      const toast = { id, leftMs: lifeMs }
      up.value = isUp(id) ? up.value.map((other) => (other.id === id ? toast : other)) : [toast, ...up.value]
      goOn()
    },
    take(ids) {
      halt()
      remove(ids)
      // The last of them may have gone from under the pointer, which nothing tells.
      if (up.value.length === 0) isHeld = false
      goOn()
    },
    hold() {
      halt()
      isHeld = true
    },
    release() {
      if (!isHeld) return
      isHeld = false
      goOn()
    },
    stop: () => callOff(),
  }
}
