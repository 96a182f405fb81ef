import type { Following } from '../../shared/client.ts'
import type { Event } from '../../shared/domain/event.ts'
import type { RoomConnection } from './connection.ts'
import { createFrameBatch, type RequestFrame } from './frames.ts'
import type { Timing } from './timing.ts'

/** What stands on the feed: a snapshot with its place in the sequence, then every event after it. */
export interface FeedView {
  seq(): number
  load(): Promise<void>
  receive(events: readonly Event[]): void
}

export interface EventFeed {
  /** Loads the views as soon as there is a connection, and keeps them going over every interruption. */
  start(): void
  stop(): void
}

export interface EventFeedOptions {
  readonly connection: RoomConnection
  readonly views: readonly FeedView[]
  readonly requestFrame: RequestFrame
  readonly timing: Timing
  readonly onProblem: (problem: unknown) => void
}

const TRY_AGAIN_MS = 1_000

/** One stream of events for the whole page, handed to every view at most once a frame. */
export function createEventFeed({ connection, views, requestFrame, timing, onProblem }: EventFeedOptions): EventFeed {
  /** The last event that came; null as long as the views have no snapshot. */
  let lastSeq: number | null = null
  let following: Following | null = null
  /** Counts connections: what was begun over an old one has nothing more to say. */
  let era = 0
  let stopListening: () => void = () => {}
  let callOff: () => void = () => {}

  const batch = createFrameBatch<Event>(requestFrame, (events) => {
    for (const view of views) view.receive(events)
  })

  const loadViews = (): Promise<unknown> => Promise.all(views.map((view) => view.load()))

  async function goOn(): Promise<void> {
    const own = ++era
    callOff()
    stopFollowing()
    try {
      if (lastSeq === null) {
        await loadViews()
        if (own !== era) return
        lastSeq = Math.min(...views.map((view) => view.seq()))
      }
      followAfter(lastSeq, own)
    } catch (problem) {
      if (own !== era || connection.state().kind !== 'open') return
      onProblem(problem)
      tryAgainLater()
    }
  }

  function followAfter(after: number, own: number): void {
    following = connection.client.follow('event.follow', { after }, {
      onItem(item) {
        if (own !== era) return
        if (item.kind === 'resynchronise') {
          lastSeq = item.latest
          batch.clear()
          loadViews().catch((problem: unknown) => {
            if (own !== era) return
            // The views lack what lies before: what comes now would only hide it.
            stopFollowing()
            lastSeq = null
            if (connection.state().kind !== 'open') return
            onProblem(problem)
            tryAgainLater()
          })
          return
        }
        lastSeq = item.events.at(-1)?.seq ?? lastSeq
        batch.add(item.events)
      },
      onEnd(error) {
        if (own !== era) return
        following = null
        // A lost connection announces itself; then the next one goes on from here.
        if (connection.state().kind !== 'open') return
        if (error) onProblem(error)
        tryAgainLater()
      },
    })
  }

  function stopFollowing(): void {
    following?.close()
    following = null
  }

  function tryAgainLater(): void {
    callOff()
    callOff = timing.after(TRY_AGAIN_MS, () => void goOn())
  }

  return {
    start() {
      stopListening = connection.onState((state) => {
        if (state.kind === 'open') void goOn()
      })
      if (connection.state().kind === 'open') void goOn()
    },
    stop() {
      era += 1
      stopListening()
      callOff()
      stopFollowing()
      batch.clear()
    },
  }
}
