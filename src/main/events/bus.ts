import type { Announcement, Event } from '../../shared/domain/event.ts'

export type Unsubscribe = () => void

/** Announces what happened. Who listens is nobody's business here. */
export interface EventBus {
  /** Resolves once the event is stored; listeners have it by then. */
  announce(announcement: Announcement): Promise<Event>
  /** Called with each batch of stored events, in order. A listener that throws is logged and hurts nobody else. */
  listen(listener: (events: readonly Event[]) => void): Unsubscribe
  /** The place of the last stored event. */
  latest(): number
}
