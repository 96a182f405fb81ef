import { shallowRef, type ShallowRef } from 'vue'
import type { Event } from '../../shared/domain/event.ts'

/** What a store derives from events, and the place in the sequence up to which it has. */
export interface Projected<S> {
  readonly seq: number
  readonly state: S
}

export type ApplyChange<S> = (state: S, event: Event) => S

export type ChangeOutcome<S> =
  | { readonly kind: 'applied'; readonly projected: Projected<S> }
  /** Already in the snapshot. */
  | { readonly kind: 'seen' }
  /** An event in between never came: only a fresh snapshot helps. */
  | { readonly kind: 'missed' }

export function applyChange<S>(projected: Projected<S>, event: Event, apply: ApplyChange<S>): ChangeOutcome<S> {
  if (event.seq <= projected.seq) return { kind: 'seen' }
  if (event.seq > projected.seq + 1) return { kind: 'missed' }
  return { kind: 'applied', projected: { seq: event.seq, state: apply(projected.state, event) } }
}

/** A view of the room that starts from a snapshot and then lives on events. */
export interface Projection<S> {
  readonly state: Readonly<ShallowRef<S>>
  readonly isLoaded: Readonly<ShallowRef<boolean>>
  /** The place up to which this view has come. */
  seq(): number
  /** Takes a fresh snapshot; events that come meanwhile wait for it. Rejects when there is none to be had. */
  load(): Promise<void>
  receive(events: readonly Event[]): void
}

export interface ProjectionOptions<S> {
  readonly empty: S
  readonly fetch: () => Promise<Projected<S>>
  readonly apply: ApplyChange<S>
}

export function createProjection<S>({ empty, fetch, apply }: ProjectionOptions<S>): Projection<S> {
  const state = shallowRef(empty) as ShallowRef<S>
  const isLoaded = shallowRef(false)
  let seq = 0
  let waiting: Event[] = []
  let loading: Promise<void> | null = null

  async function takeSnapshot(): Promise<void> {
    try {
      const snapshot = await fetch()
      state.value = snapshot.state
      seq = snapshot.seq
      isLoaded.value = true
    } catch (problem) {
      // The next snapshot will have them.
      waiting = []
      throw problem
    } finally {
      loading = null
    }
    const late = waiting
    waiting = []
    receive(late)
  }

  function load(): Promise<void> {
    loading ??= takeSnapshot()
    return loading
  }

  function receive(events: readonly Event[]): void {
    if (loading || !isLoaded.value) {
      waiting.push(...events)
      return
    }
    let projected: Projected<S> = { seq, state: state.value }
    for (const [index, event] of events.entries()) {
      const outcome = applyChange(projected, event, apply)
      if (outcome.kind === 'applied') projected = outcome.projected
      if (outcome.kind === 'missed') {
        waiting.push(...events.slice(index))
        // Without a connection it stays as it is; the feed loads again when there is one.
        load().catch(() => {})
        break
      }
    }
    seq = projected.seq
    state.value = projected.state
  }

  return { state, isLoaded, seq: () => seq, load, receive }
}
