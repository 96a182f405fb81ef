import type { DemoSpeed } from '../../shared/domain/demo.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'

/** When which lead may begin. */
export interface Pace {
  /** Resolves when the lead may begin, or after a while with how long to wait before asking again. */
  turn(lead: number): Promise<{ waitMs: Millis; speed: DemoSpeed }>
  change(change: { readonly isPaused?: boolean; readonly speed?: DemoSpeed; readonly skipTo?: number | null }): void
  readonly speed: DemoSpeed
  /** No lead begins until somebody says so. */
  readonly isHeld: boolean
  readonly skippingTo: number | null
  /** How much faster than on a stage it is at this moment. */
  factor(): number
  /** Until a lead begins, counted from the one that was let begin last; null while nobody can tell. */
  msUntil(lead: number): Millis | null
  /** Whoever waits is let go, to ask again. */
  close(): void
}

/** Whoever asks over the bridge gets an answer within this time, whatever it is. */
const PATIENCE_MS = 10_000
/** After an answer that was none. */
const AGAIN_MS = 1

export function createPace({ clock, leadsPerHour, speed: firstSpeed }: { readonly clock: Clock; readonly leadsPerHour: number; readonly speed: DemoSpeed }): Pace {
  const apartMs = 3_600_000 / leadsPerHour
  let speed = firstSpeed
  let isPaused = false
  let skippingTo: number | null = null
  let isClosed = false
  /** When the next lead is due; null before the first. */
  let dueAt: number | null = null
  let last = 0
  const waiting = new Set<() => void>()

  /** A skip that was asked for while it was held, or together with that, goes on to its lead, and is held there. */
  const isHeld = (): boolean => isPaused && skippingTo === null
  const factor = (): number => (speed === 'max' || skippingTo !== null ? Infinity : speed)
  const interval = (): number => (factor() === Infinity ? 0 : apartMs / factor())

  /** How long a lead has yet to wait; null while it is held. */
  function waitFor(): number | null {
    if (isHeld()) return null
    if (factor() === Infinity || dueAt === null) return 0
    // A clock that was set back holds nothing up for longer than a lead takes.
    dueAt = Math.min(dueAt, clock.now() + interval())
    return Math.max(0, dueAt - clock.now())
  }

  function begin(lead: number): void {
    const now = clock.now()
    last = lead
    if (factor() === Infinity || dueAt === null) dueAt = now + interval()
    else {
      // What is late by less than a lead is made up for; after a sleep of the machine it goes on from here.
      const next = dueAt + interval()
      dueAt = next > now ? next : now + interval()
    }
  }

  function wake(): void {
    for (const waiter of [...waiting]) waiter()
  }

  return {
    async turn(lead) {
      if (skippingTo !== null && lead >= skippingTo) {
        skippingTo = null
        dueAt = null
      }
      const until = clock.now() + PATIENCE_MS
      for (;;) {
        const wait = isClosed ? null : waitFor()
        if (wait === 0) {
          begin(lead)
          return { waitMs: 0, speed: skippingTo === null ? speed : 'max' }
        }
        const left = until - clock.now()
        if (isClosed || left <= 0 || left > PATIENCE_MS) return { waitMs: AGAIN_MS, speed }
        await new Promise<void>((resolve) => {
          const done = (): void => {
            waiting.delete(done)
            timer.cancel()
            resolve()
          }
          const timer: Timer = clock.after(Math.ceil(Math.min(left, wait ?? left)), done)
          waiting.add(done)
        })
      }
    },
    change(change) {
      const wasDueIn = dueAt === null || factor() === Infinity ? null : Math.max(0, dueAt - clock.now()) * factor()
      if (change.isPaused !== undefined) isPaused = change.isPaused
      if (change.isPaused === true) skippingTo = null
      if (change.speed !== undefined) speed = change.speed
      if (change.skipTo !== undefined) skippingTo = change.skipTo !== null && change.skipTo > last ? change.skipTo : null
      // The rest of the wait is walked at the new speed.
      if (wasDueIn !== null && factor() !== Infinity) dueAt = clock.now() + wasDueIn / factor()
      wake()
    },
    get speed() {
      return speed
    },
    get isHeld() {
      return isHeld()
    },
    get skippingTo() {
      return skippingTo
    },
    factor,
    msUntil(lead) {
      if (lead <= last || isHeld()) return null
      if (factor() === Infinity) return 0
      if (dueAt === null) return null
      return Math.round(Math.max(0, dueAt - clock.now()) + (lead - last - 1) * interval())
    },
    close() {
      isClosed = true
      wake()
    },
  }
}
