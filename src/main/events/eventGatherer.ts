import type { Event } from '../../shared/domain/event.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { Clock, Timer } from '../ports.ts'

export interface EventGathererOptions {
  readonly clock: Clock
  /** How far apart two deliveries have to be, as things stand. */
  readonly apartMs: () => Millis
  readonly deliver: (events: readonly Event[]) => void
}

export interface EventGatherer {
  add(batch: readonly Event[]): void
}

/** More than this is delivered at once, however soon after the last. */
export const MOST_GATHERED = 1000

/** Delivers the first batch at once and gathers what follows too soon after it; the order stays. */
export function createEventGatherer({ clock, apartMs, deliver }: EventGathererOptions): EventGatherer {
  let gathered: Event[] = []
  let timer: Timer | null = null
  let deliveredAt = -Infinity

  function deliverNow(events: readonly Event[]): void {
    timer?.cancel()
    timer = null
    gathered = []
    deliveredAt = clock.now()
    deliver(events)
  }

  return {
    add(batch) {
      // A clock that was set back must not hold anybody up.
      const waitMs = Math.min(apartMs(), deliveredAt + apartMs() - clock.now())
      if (gathered.length === 0 && waitMs <= 0) {
        deliverNow(batch)
        return
      }
      gathered.push(...batch)
      if (gathered.length >= MOST_GATHERED) deliverNow(gathered)
      else timer ??= clock.after(Math.max(0, waitMs), () => deliverNow(gathered))
    },
  }
}
