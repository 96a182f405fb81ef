import type { Timing } from '@/room/timing.ts'

/** Does it at once when asked; what is asked within the time after it, once, at the end of that time. */
export interface AtMostEvery {
  ask(): void
  stop(): void
}

export function createAtMostEvery(everyMs: number, timing: Timing, action: () => void): AtMostEvery {
  let isWaiting = false
  let isAsked = false
  let callOff: () => void = () => {}

  function ask(): void {
    if (isWaiting) {
      isAsked = true
      return
    }
    isWaiting = true
    isAsked = false
    callOff = timing.after(everyMs, () => {
      isWaiting = false
      if (isAsked) ask()
    })
    action()
  }

  return {
    ask,
    stop() {
      callOff()
      isWaiting = false
      isAsked = false
    },
  }
}
