/** Runs the action before the next paint; gives back what calls it off. */
export type RequestFrame = (action: () => void) => () => void

/** A hidden page paints nothing: then a timer stands in, so that nothing piles up. */
const HIDDEN_FRAME_MS = 500

export const nextFrame: RequestFrame = (action) => {
  let isDone = false
  const run = (): void => {
    if (isDone) return
    callOff()
    action()
  }
  const frame = requestAnimationFrame(run)
  const timer = setTimeout(run, HIDDEN_FRAME_MS)
  const callOff = (): void => {
    isDone = true
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  return callOff
}

export interface FrameBatch<T> {
  add(items: readonly T[]): void
  clear(): void
}

/** However many items come, they are handed on once a frame. */
export function createFrameBatch<T>(requestFrame: RequestFrame, flush: (items: readonly T[]) => void): FrameBatch<T> {
  let waiting: T[] = []
  let callOff: (() => void) | null = null

  return {
    add(items) {
      for (const item of items) waiting.push(item)
      callOff ??= requestFrame(() => {
        callOff = null
        const batch = waiting
        waiting = []
        flush(batch)
      })
    },
    clear() {
      waiting = []
      callOff?.()
      callOff = null
    },
  }
}
