import type { StreamItem } from '../../shared/contract/contract.ts'
import type { Event } from '../../shared/domain/event.ts'
import { AppError } from '../../shared/errors.ts'
import type { EventBus } from './bus.ts'
import { createEventGatherer } from './eventGatherer.ts'
import type { Clock } from '../ports.ts'
import type { CommandHandlers, Sink, StreamHandlers, Subscription } from '../router/router.ts'
import type { EventStore } from '../state/repositories.ts'

export interface EventHandlersOptions {
  readonly events: EventStore
  readonly bus: EventBus
  readonly clock: Clock
  readonly onDefect: (defect: unknown, where: string) => unknown
}

export interface EventHandlers {
  readonly commandHandlers: Pick<CommandHandlers, 'event.list'>
  readonly streamHandlers: Pick<StreamHandlers, 'event.follow'>
}

type Item = StreamItem<'event.follow'>

const PAGE = 500

/** Who missed more takes a fresh snapshot: a replay would cost everybody more than that. */
export const MOST_MISSED = 10_000

/** What the live feed allows itself. A thousand viewers get the events of 50 ms at once, a hundred those of 5 ms, a few each by itself. */
const WRITES_PER_MS = 20

export function createEventHandlers(options: EventHandlersOptions): EventHandlers {
  const { events, bus } = options
  const live = createLiveFeed(options)
  return {
    commandHandlers: {
      'event.list': async ({ after, limit, agentId }) => {
        const resynchronise = !(await events.canContinueFrom(after))
        const found = await events.after(after, limit, agentId)
        const { latest } = await events.bounds()
        return { events: found, latest, resynchronise }
      },
    },
    streamHandlers: {
      'event.follow': ({ after }, _caller, sink) =>
        after === undefined ? live.join(bus.latest(), sink) : catchUp({ ...options, live }, after, sink),
    },
  }
}

interface LiveFeed {
  /** Everything after the cursor that is not delivered yet; the cursor must not lie before the bus's last event. */
  join(cursor: number, sink: Sink<Item>): Subscription
}

/** One item for each batch, the very same object for every subscriber: a door writes it down once. */
function createLiveFeed({ bus, clock, onDefect }: EventHandlersOptions): LiveFeed {
  const subscribers = new Set<{ cursor: number; readonly sink: Sink<Item> }>()

  function deliver(batch: readonly Event[]): void {
    const item: Item = Object.freeze({ kind: 'events', events: batch as Event[] })
    const first = batch[0]?.seq ?? 0
    for (const subscriber of [...subscribers]) {
      if (!subscribers.has(subscriber)) continue
      try {
        if (first > subscriber.cursor) subscriber.sink.push(item)
        else pushRest(batch, subscriber)
      } catch (defect) {
        subscribers.delete(subscriber)
        onDefect(defect, 'event.follow')
      }
    }
  }

  const gatherer = createEventGatherer({ clock, apartMs: () => Math.floor(subscribers.size / WRITES_PER_MS), deliver })
  bus.follow((batch) => gatherer.add(batch))
  return {
    join(cursor, sink) {
      const subscriber = { cursor, sink }
      subscribers.add(subscriber)
      return { close: () => subscribers.delete(subscriber) }
    },
  }
}

/** The store was ahead of the bus when this subscriber caught up: it has the beginning of the batch already. */
function pushRest(batch: readonly Event[], { cursor, sink }: { cursor: number; sink: Sink<Item> }): void {
  const rest = batch.filter((event) => event.seq > cursor)
  if (rest.length > 0) sink.push({ kind: 'events', events: rest })
}

interface CatchUp extends EventHandlersOptions {
  readonly live: LiveFeed
}

/** Reads what was missed page by page, and joins the live feed in the very turn in which nothing is missing any more. */
function catchUp({ events, bus, live, onDefect }: CatchUp, after: number, sink: Sink<Item>): Subscription {
  let isClosed = false
  let joined: Subscription | null = null

  /** Whoever was closed by what it was just given does not come back. */
  function join(cursor: number): void {
    if (!isClosed) joined = live.join(cursor, sink)
  }

  async function start(): Promise<void> {
    if (!(await events.canContinueFrom(after)) || (await events.countAfter(after, MOST_MISSED + 1)) > MOST_MISSED) {
      const { latest } = await events.bounds()
      if (isClosed) return
      // The store may be ahead of the bus, and a snapshot taken after this has both.
      const from = Math.max(latest, bus.latest())
      sink.push({ kind: 'resynchronise', latest: from })
      join(from)
    } else {
      await readPages()
    }
  }

  async function readPages(): Promise<void> {
    let cursor = after
    while (!isClosed) {
      const { latest } = await events.bounds()
      const page = await events.after(cursor, PAGE)
      if (isClosed) return
      if (page.length > 0) sink.push({ kind: 'events', events: page })
      // A short page reaches the end, also where the last places hold no event.
      cursor = Math.max(page.at(-1)?.seq ?? cursor, page.length < PAGE ? latest : 0)
      if (cursor >= bus.latest()) return join(cursor)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  start().catch((problem: unknown) => {
    if (isClosed) return
    if (problem instanceof AppError) return sink.end(problem)
    onDefect(problem, 'event.follow')
    sink.end(new AppError('INTERNAL', 'The events could not be read; follow them again.'))
  })
  return {
    close() {
      isClosed = true
      joined?.close()
    },
  }
}
