import type { Announcement, Event } from '../../shared/domain/event.ts'
import type { Millis } from '../../shared/domain/units.ts'
import type { EventBus } from './bus.ts'
import { frozenCopy } from './frozenCopy.ts'
import type { Clock } from '../ports.ts'
import type { RedactEvent } from './eventRedactor.ts'
import type { EventRelay } from '../state/redis/eventRelay.ts'
import type { EventStore } from '../state/repositories.ts'

export interface EventBusOptions {
  readonly events: EventStore
  readonly clock: Clock
  /** Told of listeners that throw and of a store that fails. */
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** Takes out what nobody may store or hear. */
  readonly redact?: RedactEvent
  /** Left out: nobody else stores events. */
  readonly relay?: OpenRelay
  /** What comes in numbers and may wait for a moment, so that many share one transaction. Left out: nothing waits. */
  readonly patience?: { readonly canWait: (announcement: Announcement) => boolean; readonly longestMs: Millis }
}

/** Brings the events of all who share the store, this room's own among them, from where the store stood when it was opened. */
export type OpenRelay = (hear: (events: readonly Event[]) => void) => Promise<EventRelay>

export interface RunningEventBus extends EventBus {
  /** Resolves when everything announced so far is stored and heard, or has failed. */
  settled(): Promise<void>
  /** Nothing of others is heard any more. */
  close(): Promise<void>
}

/** More in one transaction gains nothing, and everybody waits for it. */
const LARGEST_BATCH = 256
/** From here on, waiting for more gains little. */
const ENOUGH_TO_STORE = 32

interface Listener {
  hear(batch: readonly Event[]): void
}

interface Waiting {
  readonly announcement: Announcement
  readonly at: Millis
  readonly resolve: (event: Event) => void
  readonly reject: (problem: unknown) => void
}

/** What is announced in one turn, or in one patient moment, is stored in one transaction, then heard in the order in which it was announced. */
export async function createEventBus({ events, clock, onDefect, redact, relay: openRelay, patience }: EventBusOptions): Promise<RunningEventBus> {
  let { latest } = await events.bounds()
  let queue: Waiting[] = []
  let flushing: Promise<void> | null = null
  /** Something in the queue does not wait. */
  let isUrgent = false
  let hurry: (() => void) | null = null
  const listeners = new Set<Listener>()
  const followers = new Set<Listener>()
  const hearers = new Set<(batch: readonly Event[]) => Promise<unknown>>()
  /** Stored here, and not come back by the relay yet. */
  const own = new Map<number, Event>()
  /** While something is being stored, nobody knows which of what comes is our own. */
  let isStoring = false
  let held: Event[] = []
  /** What others have said is being taken over. */
  let heeding: Promise<void> | null = null

  function tell(whom: Set<Listener>, batch: readonly Event[]): void {
    for (const listener of [...whom]) {
      if (!whom.has(listener)) continue
      try {
        listener.hear(batch)
      } catch (defect) {
        onDefect(defect, 'event listener')
      }
    }
  }

  function deliver(batch: readonly Event[], ours = batch): void {
    latest = batch.at(-1)?.seq ?? latest
    if (ours.length > 0) tell(listeners, ours)
    tell(followers, batch)
  }

  function take(batch: readonly Event[]): void {
    held.push(...batch)
    if (isStoring || heeding !== null || held.length === 0) return
    const come = Object.freeze(held.map((event) => own.get(event.seq) ?? event))
    held = []
    const [ours, theirs] = [come.filter(({ seq }) => own.has(seq)), come.filter(({ seq }) => !own.has(seq))]
    for (const { seq } of ours) own.delete(seq)
    if (theirs.length === 0 || hearers.size === 0) return deliver(come, ours)
    heeding = heed(theirs).then(() => {
      heeding = null
      deliver(come, ours)
      take([])
    })
  }

  async function heed(theirs: readonly Event[]): Promise<void> {
    for (const hear of hearers) await hear(theirs).catch((defect: unknown) => onDefect(defect, 'events of others'))
  }

  const relay = (await openRelay?.(take)) ?? null

  async function store(waiting: readonly Waiting[]): Promise<readonly Event[]> {
    if (!relay) return Object.freeze(await events.append(waiting))
    isStoring = true
    try {
      const batch = await events.append(waiting)
      for (const event of batch) own.set(event.seq, event)
      return batch
    } finally {
      isStoring = false
      take([])
    }
  }

  async function storeAndDeliver(waiting: readonly Waiting[]): Promise<void> {
    let batch: readonly Event[]
    try {
      batch = await store(waiting)
    } catch (problem) {
      onDefect(problem, 'event store')
      for (const one of waiting) one.reject(problem)
      return
    }
    if (relay) {
      relay.nudge()
      await relay.caughtUp()
      while (heeding !== null) await heeding
    } else deliver(batch)
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
    listen: (hear) => join(listeners, hear),
    follow: (hear) => join(followers, hear),
    hearOthers(hear) {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
    latest: () => latest,
    async settled() {
      isUrgent = true
      hurry?.()
      await flushing
    },
    close: async () => relay?.close(),
  }
}

function snapshotOf(announcement: Announcement, redact: RedactEvent | undefined): Announcement {
  const copied = { ...announcement, payload: frozenCopy(announcement.payload) } as Announcement
  if (!redact) return copied
  const redacted = redact(copied)
  return redacted.payload === copied.payload ? redacted : ({ ...redacted, payload: frozenCopy(redacted.payload) } as Announcement)
}

function join(whom: Set<Listener>, hear: Listener['hear']): () => void {
  const listener = { hear }
  whom.add(listener)
  return () => whom.delete(listener)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
