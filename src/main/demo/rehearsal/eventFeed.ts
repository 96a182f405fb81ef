import type { ControlRoomClient } from '../../../shared/client.ts'
import type { Event } from '../../../shared/domain/event.ts'
import type { Millis } from '../../../shared/domain/units.ts'
import { AppError } from '../../../shared/errors.ts'
import { formatDuration } from '../../../shared/format.ts'
import type { Clock, Timer } from '../../ports.ts'

/** The room's events from this moment on, one after the other. */
export interface EventFeed {
  /** Rejects when the room goes away, or nothing is heard for too long. */
  next(): Promise<Event>
  until(isIt: (event: Event) => boolean): Promise<void>
  /** All that was heard so far, taken or not. */
  readonly heard: readonly Event[]
  /** How many of them were. */
  readonly taken: number
  /** Whoever waits for the next one is told why there is none. */
  fail(problem: AppError): void
  close(): void
}

/** A demo that tells nothing for so long does not go on by itself. */
export const LONGEST_SILENCE_MS: Millis = 120_000

export function followEvents(client: ControlRoomClient, clock: Clock): EventFeed {
  const heard: Event[] = []
  let taken = 0
  let problem: AppError | null = null
  let wake = Promise.withResolvers<void>()
  let silence: Timer = listenLonger()

  function fail(error: AppError): void {
    problem ??= error
    wake.resolve()
  }

  function listenLonger(): Timer {
    return clock.after(LONGEST_SILENCE_MS, () => fail(new AppError('UNAVAILABLE', `The demo stands still: nothing was heard of it for ${formatDuration(LONGEST_SILENCE_MS)}.`)))
  }

  const following = client.follow('event.follow', {}, {
    onItem(item) {
      if (item.kind === 'resynchronise') return fail(new AppError('UNAVAILABLE', 'Events were missed: this machine is too slow for a rehearsal.'))
      heard.push(...item.events)
      silence.cancel()
      silence = listenLonger()
      wake.resolve()
    },
    onEnd: (error) => fail(error ?? new AppError('UNAVAILABLE', 'The room tells no more events.')),
  })

  async function next(): Promise<Event> {
    for (;;) {
      const event = heard[taken]
      if (event) {
        taken += 1
        return event
      }
      if (problem) throw problem
      wake = Promise.withResolvers()
      await wake.promise
    }
  }

  return {
    next,
    async until(isIt) {
      while (!isIt(await next()));
    },
    heard,
    get taken() {
      return taken
    },
    fail,
    close() {
      silence.cancel()
      following.close()
    },
  }
}
