import type { Clock } from '../src/main/ports.ts'

/** A clock that runs faster than the machine's from a moment on: hours of work pass within minutes, for the room and for its page alike. */
export function fastClock(since: number, speed: number): Clock {
  return {
    now: () => Math.round(since + (Date.now() - since) * speed),
    after(delayMs, action) {
      const timer = setTimeout(action, delayMs / speed)
      timer.unref()
      return { cancel: () => clearTimeout(timer) }
    },
  }
}

/** In the page, before anything else: the same clock. Frames come as they do. */
export function fastenPage({ since, speed }: { since: number; speed: number }): void {
  const real = Date.now.bind(Date)
  const now = (): number => Math.round(since + (real() - since) * speed)
  globalThis.Date = class extends Date {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(now())
      else super(...(parts as [number]))
    }
    static override now = now
  } as DateConstructor
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const original = window[name].bind(window) as (action: TimerHandler, delayMs?: number, ...rest: unknown[]) => number
    Object.assign(window, { [name]: (action: TimerHandler, delayMs = 0, ...rest: unknown[]) => original(action, delayMs / speed, ...rest) })
  }
}
