import type { Announcement, Event } from '../../shared/domain/event.ts'

export type Unsubscribe = () => void

/** Announces what happened. Who listens is nobody's business here. */
export interface EventBus {
  /** Resolves once the event is stored; listeners have it by then. */
  announce(announcement: Announcement): Promise<Event>
  /** Called with each batch of this room's own events, in order: for who acts on them. A listener that throws is logged and hurts nobody else. */
  listen(listener: (events: readonly Event[]) => void): Unsubscribe
  /** The same with those of all rooms that share the state, in the order of their places: for who shows them. */
  follow(listener: (events: readonly Event[]) => void): Unsubscribe
  /** Only those of the other rooms that share the state. Followers are told once what it gives back is done; that must not wait for an event itself. */
  hearOthers(listener: (events: readonly Event[]) => Promise<unknown>): Unsubscribe
  /** The place of the last event that followers have. */
  latest(): number
}
