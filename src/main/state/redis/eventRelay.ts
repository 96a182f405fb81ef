import type { Event } from '../../../shared/domain/event.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import type { Clock, Timer } from '../../ports.ts'
import type { EventStore } from '../repositories.ts'
import { connectRedis, listenRedis, type RedisListener } from './redisConnection.ts'

/**
 * Events of all instances that share one store, in the order of their places, to each of them. The server carries nothing but a nudge; the
 * events themselves come from the store. So none is lost or told twice, whatever becomes of a nudge: without any, they come with the next look.
 */
export interface EventRelay {
  /** Something was stored here: the others are nudged, and it is heard here in its turn. */
  nudge(): void
  /** Resolves when everything stored by now was heard. */
  caughtUp(): Promise<void>
  close(): Promise<void>
}

export interface EventRelayOptions {
  readonly url: string
  /** Names what belongs to those who share the store. */
  readonly group: string
  readonly events: Pick<EventStore, 'after' | 'bounds'>
  readonly clock: Clock
  /** What follows the place where the store stood when the relay was opened. */
  readonly hear: (events: readonly Event[]) => void
  readonly onDefect: (defect: unknown, where: string) => unknown
  /** How long events of others may go unheard while the server is away. */
  readonly lookEveryMs?: Millis
  readonly patienceMs?: Millis
}

const PAGE = 500

export async function createEventRelay(options: EventRelayOptions): Promise<EventRelay> {
  const { url, group, events, clock, hear, onDefect, lookEveryMs = 1_000, patienceMs = 2_000 } = options
  const channel = `iron_cage:${group}:events`
  let { latest } = await events.bounds()
  let looking: Promise<void> | null = null
  let isAskedAgain = false
  let line: RedisListener | null = null
  let connecting: Promise<void> | null = null
  let timer: Timer | null = null
  let isClosed = false

  async function lookThrough(): Promise<void> {
    for (;;) {
      isAskedAgain = false
      const batch = await events.after(latest, PAGE)
      if (isClosed) return
      if (batch.length > 0) {
        latest = batch.at(-1)?.seq ?? latest
        hear(batch)
      }
      if (batch.length < PAGE && !isAskedAgain) return
    }
  }

  function look(): Promise<void> {
    if (looking) isAskedAgain = true
    else {
      looking = lookThrough()
        .catch((problem: unknown) => {
          // The next look goes on from the same place.
          if (!isClosed) onDefect(problem, 'events of other instances')
        })
        .finally(() => {
          looking = null
          // Who asked at the last moment waits for this one.
          return isAskedAgain && !isClosed ? look() : undefined
        })
    }
    return looking ?? Promise.resolve()
  }

  function connect(): Promise<void> {
    // Without a line everybody hears a little later.
    connecting ??= openLine()
      .catch(() => {})
      .finally(() => {
        connecting = null
      })
    return connecting
  }

  async function openLine(): Promise<void> {
    const opened = await listenRedis(url, clock, patienceMs, channel, () => void look())
    if (isClosed) return opened.close()
    line = opened
    void opened.ended.then(() => {
      if (line === opened) line = null
    })
    // What came before it listened.
    await look()
  }

  function lookNowAndThen(): void {
    timer = clock.after(lookEveryMs, () => {
      if (line === null) void connect()
      void look().finally(() => {
        if (!isClosed) lookNowAndThen()
      })
    })
  }

  // A wrong address or password is told at once; a server that goes away later is waited for.
  const first = await connectRedis(url, clock, patienceMs)
  first.close()
  await connect()
  lookNowAndThen()

  return {
    nudge() {
      void look()
      void line?.say(channel, '').catch(() => {})
    },
    caughtUp: look,
    async close() {
      isClosed = true
      timer?.cancel()
      await connecting
      line?.close()
      await looking
    },
  }
}
