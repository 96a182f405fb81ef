import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { EventBus } from './bus.ts'
import { frozenCopy } from './frozenCopy.ts'
import type { Clock } from '../ports.ts'
import type { RedactEvent } from './eventRedactor.ts'
import type { EventStore } from '../state/repositories.ts'

export interface EventBusOptions {
  readonly events: EventStore
  readonly clock: Clock
  /** Told of listeners that throw and of a store that fails. */
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** Takes out what nobody may store or hear. */
  readonly redact?: RedactEvent
  /** What comes in numbers and may wait for a moment, so that many share one transaction. Left out: nothing waits. */
  readonly patience?: { readonly canWait: (announcement: Announcement) => boolean; readonly longestMs: Millis }
}

export interface RunningEventBus extends EventBus {
  /** Resolves when everything announced so far is stored and heard, or has failed. */
  settled(): Promise<void>
}

/** More in one transaction gains nothing, and everybody waits for it. */
const LARGEST_BATCH = 256
/** From here on, waiting for more gains little. */
const ENOUGH_TO_STORE = 32

interface Waiting {
  readonly announcement: Announcement
  readonly at: Millis
  readonly resolve: (event: Event) => void
  readonly reject: (problem: unknown) => void
}

/** What is announced in one turn, or in one patient moment, is stored in one transaction, then heard in the order in which it was announced. */
export async function createEventBus({ events, clock, onDefect, redact, patience }: EventBusOptions): Promise<RunningEventBus> {
  let { latest } = await events.bounds()
  let queue: Waiting[] = []
  let flushing: Promise<void> | null = null
  /** Something in the queue does not wait. */
  let isUrgent = false
  let hurry: (() => void) | null = null
  const listeners = new Set<{ hear(batch: readonly Event[]): void }>()

  function deliver(batch: readonly Event[]): void {
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue
      try {
        listener.hear(batch)
      } catch (defect) {
        onDefect(defect, 'event listener')
      }
    }
  }

  async function storeAndDeliver(waiting: readonly Waiting[]): Promise<void> {
    let batch: readonly Event[]
    try {
      batch = Object.freeze(await events.append(waiting))
    } catch (problem) {
      onDefect(problem, 'event store')
      for (const one of waiting) one.reject(problem)
      return
    }
    latest = batch.at(-1)?.seq ?? latest
    deliver(batch)
    waiting.forEach((one, index) => one.resolve(batch[index] as Event))
  }

  function patientMoment({ longestMs }: { readonly longestMs: Millis }): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.after(longestMs, () => hurry?.())
      hurry = () => {
        hurry = null
        timer.cancel()
        // What else is announced in this turn comes along.
        setImmediate(resolve)
      }
    })
  }

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      await nextTurn()
      if (patience && !isUrgent && queue.length < ENOUGH_TO_STORE) await patientMoment(patience)
      isUrgent = false
      const waiting = queue.slice(0, LARGEST_BATCH)
      queue = queue.slice(LARGEST_BATCH)
      await storeAndDeliver(waiting)
    }
    flushing = null
  }

  return {
    announce(announcement) {
      const stored = new Promise<Event>((resolve, reject) => {
        // The announcer may go on changing its own objects; what happened stays as it was at this moment.
        const snapshot = snapshotOf(announcement, redact)
        queue.push({ announcement: snapshot, at: clock.now(), resolve, reject })
        isUrgent ||= patience?.canWait(announcement) !== true
        if (isUrgent || queue.length >= ENOUGH_TO_STORE) hurry?.()
        flushing ??= flush()
      })
      // Not everybody who announces waits for the answer; the defect was told already.
      stored.catch(() => {})
      return stored
    },
    listen(hear) {
      const listener = { hear }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    latest: () => latest,
    async settled() {
      isUrgent = true
      hurry?.()
      await flushing
    },
  }
}

function snapshotOf(announcement: Announcement, redact: RedactEvent | undefined): Announcement {
  const copied = { ...announcement, payload: frozenCopy(announcement.payload) } as Announcement
  if (!redact) return copied
  const redacted = redact(copied)
  return redacted.payload === copied.payload ? redacted : ({ ...redacted, payload: frozenCopy(redacted.payload) } as Announcement)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
